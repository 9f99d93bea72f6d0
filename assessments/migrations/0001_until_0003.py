import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('assessments', '0001_initial'), ('assessments', '0002_missing_answers'), ('assessments', '0003_item_types')]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('coaching', '0001_until_0010'),
    ]

    operations = [
        migrations.CreateModel(
            name='Administration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('occasion', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='administrations', to='coaching.occasion')),
                ('instrument', models.CharField(max_length=24)),
                ('instrument_version', models.PositiveIntegerField(help_text='n of the first study version with that content')),
                ('place', models.PositiveIntegerField(help_text="position among the step's instruments")),
                ('language', models.CharField(blank=True, help_text='of the last answer; empty if never begun', max_length=35)),
                ('order', models.JSONField(default=list, help_text='item ids in the order shown, those that turn out not due too')),
                ('form', models.CharField(blank=True, help_text='the parallel form given; empty where there is none', max_length=24)),
                ('eyes', models.CharField(blank=True, help_text='open, closed, either; empty where it is not said', max_length=6)),
                ('imported', models.BooleanField(default=False, help_text='collected elsewhere and read from a file')),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(help_text="the last item's post", null=True)),
                ('closed_at', models.DateTimeField(help_text='when every item had its row: finished, or the window closed', null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('occasion', 'instrument'), name='administration_unique'), models.CheckConstraint(condition=models.Q(('finished_at__isnull', True), ('closed_at__isnull', False), _connector='OR'), name='finished_is_closed')],
            },
        ),
        migrations.CreateModel(
            name='ArmGuess',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('enrolment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='arm_guesses', to='coaching.enrolment')),
                ('role', models.CharField(choices=[('coach', 'Coach'), ('rater', 'Rater')], max_length=5)),
                ('guess', models.CharField(help_text='an arm, or dont_know', max_length=24)),
                ('confidence', models.PositiveSmallIntegerField(help_text='0 a guess, 10 certain', null=True)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('administration', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='assessments.administration')),
                ('item', models.CharField(max_length=24)),
                ('position', models.PositiveIntegerField(help_text='1 for the first item shown')),
                ('value', models.FloatField(help_text='the number as chosen, before reversing', null=True)),
                ('text', models.TextField(blank=True, help_text='the choice, words or date given; several choices between semicolons')),
                ('status', models.CharField(choices=[('answered', 'Answered'), ('declined', 'Declined'), ('skipped', 'Skipped'), ('not_applicable', 'Not Applicable'), ('not_reached', 'Not Reached'), ('not_due', 'Not Due'), ('lost', 'Lost')], max_length=14)),
                ('answered_at', models.DateTimeField(null=True)),
                ('response_time_ms', models.PositiveIntegerField(null=True)),
                ('changes', models.PositiveIntegerField(default=0)),
                ('language', models.CharField(blank=True, max_length=35)),
                ('revision', models.BigIntegerField(default=0, help_text="of the page's last autosave, so that a late one is known")),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('status', 'answered'), _negated=True), fields=['administration', 'status'], name='answer_missing')],
                'constraints': [models.UniqueConstraint(fields=('administration', 'item'), name='answer_unique'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'answered'), ('text', ''), ('value__isnull', False)), models.Q(('status', 'answered'), ('value__isnull', True), models.Q(('text', ''), _negated=True)), models.Q(models.Q(('status', 'answered'), _negated=True), ('text', ''), ('value__isnull', True)), _connector='OR'), name='answered_has_value')],
            },
        ),
        migrations.CreateModel(
            name='ScoreRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('administration', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scores', to='assessments.administration')),
                ('enrolment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='score_rows', to='coaching.enrolment')),
                ('score', models.CharField(max_length=24)),
                ('value', models.FloatField(null=True)),
                ('items_answered', models.PositiveIntegerField()),
                ('items_missing', models.PositiveIntegerField()),
                ('prorated', models.BooleanField()),
                ('band', models.CharField(blank=True, max_length=24)),
                ('direction', models.CharField(default='higher_is_more', help_text='what a higher value means', max_length=16)),
                ('change', models.FloatField(help_text='value minus the value that it is measured against', null=True)),
                ('reliable_change', models.FloatField(null=True)),
                ('reliable_change_verdict', models.CharField(blank=True, max_length=24)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('administration', 'score'), name='score_row_unique')],
            },
        ),
        migrations.CreateModel(
            name='AnswerRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='assessments.answer')),
                ('value', models.FloatField(null=True)),
                ('text', models.TextField(blank=True)),
                ('status', models.CharField(choices=[('answered', 'Answered'), ('declined', 'Declined'), ('skipped', 'Skipped'), ('not_applicable', 'Not Applicable'), ('not_reached', 'Not Reached'), ('not_due', 'Not Due'), ('lost', 'Lost')], max_length=14)),
                ('answered_at', models.DateTimeField(null=True)),
                ('response_time_ms', models.PositiveIntegerField(null=True)),
                ('replaced_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='SchemeBand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('score', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scheme_bands', to='assessments.scorerow')),
                ('scheme', models.CharField(max_length=24)),
                ('scheme_version', models.CharField(max_length=40)),
                ('band', models.CharField(blank=True, help_text='empty without a value, and below the lowest band', max_length=24)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('score', 'scheme'), name='scheme_band_unique')],
            },
        ),
        migrations.CreateModel(
            name='ChangeJudgement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('score', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='judgements', to='assessments.scorerow')),
                ('method', models.CharField(max_length=24)),
                ('reference', models.TextField(help_text='the sample that it was judged by, or the rule')),
                ('expected', models.FloatField(default=0, help_text='the change of people who were not trained')),
                ('standard_error', models.FloatField(null=True)),
                ('index', models.FloatField(null=True)),
                ('threshold', models.FloatField(help_text='how far beyond the expected a change is more than error', null=True)),
                ('verdict', models.CharField(blank=True, max_length=24)),
                ('refused', models.CharField(blank=True, help_text='why the sample does not speak', max_length=12)),
                ('one_sided', models.BooleanField(default=False, help_text='the reference value is at an end of the scale')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('score', 'method'), name='judgement_unique')],
            },
        ),
    ]
