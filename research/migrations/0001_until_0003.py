import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('research', '0001_initial'), ('research', '0002_staff_rooms'), ('research', '0003_script_drafts')]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('coaching', '0001_until_0010'),
    ]

    operations = [
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('study', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to='coaching.study')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL)),
                ('prefix', models.CharField(max_length=12, unique=True)),
                ('token_hash', models.CharField(max_length=64)),
                ('scopes', models.JSONField(default=list)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(help_text='empty for one made by command', null=True)),
                ('last_used_at', models.DateTimeField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='QualityDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('enrolment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='quality_decisions', to='coaching.enrolment')),
                ('rule', models.CharField(max_length=32)),
                ('rule_version', models.PositiveIntegerField()),
                ('timepoint', models.CharField(max_length=24)),
                ('part', models.CharField(help_text='the questionnaire or script', max_length=64)),
                ('decision', models.CharField(choices=[('keep', 'Keep'), ('exclude', 'Exclude'), ('ask', 'Ask')], max_length=7)),
                ('reason', models.CharField(max_length=300)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='ScriptDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('study', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='script_drafts', to='coaching.study')),
                ('slug', models.CharField(max_length=24)),
                ('base', models.ForeignKey(help_text='the newest version when it was begun', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='coaching.studyversion')),
                ('content', models.TextField(help_text='the script as JSON; a text, since the order of keys means something')),
                ('rev', models.PositiveIntegerField(default=1, help_text='rises with each save: who saves an older one is told')),
                ('author', models.ForeignKey(help_text='who saved it last', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('end', models.CharField(blank=True, choices=[('published', 'Published'), ('aside', 'Aside'), ('replaced', 'Replaced')], max_length=9)),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('study', 'slug'), name='script_draft_one_open'), models.CheckConstraint(condition=models.Q(models.Q(('end', ''), ('ended_at', None)), models.Q(('ended_at__isnull', False), models.Q(('end', ''), _negated=True)), _connector='OR'), name='script_draft_ended_how')],
            },
        ),
        migrations.CreateModel(
            name='ScriptFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('study', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='script_files', to='coaching.study')),
                ('path', models.CharField(help_text='in the bundle; a part of its digest is in the name', max_length=200)),
                ('sha256', models.CharField(max_length=64)),
                ('size', models.PositiveBigIntegerField()),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('added_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['path'],
                'constraints': [models.UniqueConstraint(fields=('study', 'path'), name='script_file_unique')],
            },
        ),
    ]
