import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('coaching', '0005_imported_people'),
    ]

    operations = [
        migrations.AddField(
            model_name='studyversion',
            name='note',
            field=models.CharField(blank=True, help_text='why, in the words of whoever stored it', max_length=500),
        ),
        migrations.AddField(
            model_name='studyversion',
            name='takes_over',
            field=models.BooleanField(default=False, help_text='people of earlier versions go over to it at their next session, where they can'),
        ),
        migrations.AlterField(
            model_name='enrolment',
            name='version',
            field=models.ForeignKey(help_text="the one consented to, or a later one to which the study's team moved them", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='enrolments', to='coaching.studyversion'),
        ),
    ]
