import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('imagery', '0001_initial'), ('imagery', '0002_sessions_whole')]

    initial = True

    dependencies = [
        ('coaching', '0001_until_0010'),
    ]

    operations = [
        migrations.CreateModel(
            name='SessionRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('occasion', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='coaching.occasion')),
                ('attempt', models.PositiveIntegerField(help_text='1 for the first')),
                ('script', models.CharField(max_length=64)),
                ('script_version', models.PositiveIntegerField(help_text='n of the first study version with that content')),
                ('language', models.CharField(blank=True, max_length=35)),
                ('stage', models.CharField(blank=True, help_text='where the person is; empty once completed', max_length=24)),
                ('status', models.CharField(choices=[('started', 'Started'), ('completed', 'Completed'), ('missed', 'Missed')], default='started', max_length=9)),
                ('started_at', models.DateTimeField(help_text='empty for a session that was never begun', null=True)),
                ('completed_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(help_text='completed, or the window closed', null=True)),
                ('locked', models.TextField(blank=True, help_text='layers that were not open yet, with a space between')),
                ('ended_at_stage', models.CharField(blank=True, help_text='where the person ended it early', max_length=24)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('occasion', 'attempt'), name='session_run_unique'), models.CheckConstraint(condition=models.Q(models.Q(('completed_at__isnull', False), ('status', 'completed')), models.Q(models.Q(('status', 'completed'), _negated=True), ('completed_at', None)), _connector='OR'), name='session_run_completed')],
            },
        ),
        migrations.CreateModel(
            name='Drawing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='drawings', to='imagery.sessionrun')),
                ('stage', models.CharField(max_length=24)),
                ('place', models.PositiveIntegerField()),
                ('condition', models.CharField(max_length=8)),
                ('status', models.CharField(choices=[('drawn', 'Drawn'), ('uploaded', 'Uploaded'), ('words', 'Words'), ('skipped', 'Skipped')], max_length=8)),
                ('reason', models.CharField(blank=True, help_text='rather_not, nothing_came or cannot', max_length=16)),
                ('words', models.TextField(blank=True)),
                ('strokes', models.TextField(blank=True, help_text='the timed strokes as JSON; the picture can be made again from it')),
                ('file', models.CharField(blank=True, help_text='random name of the PNG in DATA_DIR/drawings', max_length=64)),
                ('width', models.PositiveIntegerField(help_text='px', null=True)),
                ('height', models.PositiveIntegerField(help_text='px', null=True)),
                ('stroke_count', models.PositiveIntegerField(null=True)),
                ('ink_fraction', models.FloatField(help_text='share of the surface that is inked, 0 to 1', null=True)),
                ('duration_s', models.FloatField(help_text='from the first to the last mark', null=True)),
                ('saved_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('run', 'stage'), name='drawing_unique')],
            },
        ),
        migrations.CreateModel(
            name='Rating',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ratings', to='imagery.sessionrun')),
                ('stage', models.CharField(max_length=24)),
                ('place', models.PositiveIntegerField()),
                ('kind', models.CharField(help_text="what is rated; 'compare', 'choice', 'form' or 'check'", max_length=24)),
                ('value', models.FloatField(null=True)),
                ('forms', models.CharField(blank=True, help_text='form: which, by ;', max_length=120)),
                ('status', models.CharField(choices=[('answered', 'Answered'), ('declined', 'Declined'), ('not_applicable', 'Not Applicable'), ('not_reached', 'Not Reached')], max_length=14)),
                ('scale_min', models.FloatField(null=True)),
                ('scale_max', models.FloatField(null=True)),
                ('shown_at', models.DateTimeField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('response_time_ms', models.PositiveIntegerField(null=True)),
                ('changes', models.PositiveIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('run', 'stage'), name='rating_unique'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'answered'), ('value__isnull', False)), models.Q(models.Q(('status', 'answered'), _negated=True), ('value', None)), _connector='OR'), name='rating_answered_has_value')],
            },
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='imagery.sessionrun')),
                ('stage', models.CharField(max_length=24)),
                ('place', models.PositiveIntegerField()),
                ('text', models.TextField(blank=True)),
                ('words', models.PositiveIntegerField()),
                ('language', models.CharField(max_length=35)),
                ('after_reveal', models.BooleanField()),
                ('written_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('run', 'stage'), name='report_unique')],
            },
        ),
        migrations.CreateModel(
            name='SessionEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='imagery.sessionrun')),
                ('event_id', models.UUIDField(help_text='made by the page, so that what arrives twice is stored once')),
                ('seq', models.BigIntegerField(help_text="the page's own order")),
                ('type', models.CharField(max_length=24)),
                ('stage', models.CharField(blank=True, max_length=24)),
                ('state', models.CharField(blank=True, help_text='of the player', max_length=16)),
                ('t_mono_ms', models.FloatField(help_text="since the page's own clock began; null by the product", null=True)),
                ('happened_at', models.DateTimeField(help_text="by the device's clock; by the server's for the product's own")),
                ('tz_offset_min', models.IntegerField(null=True)),
                ('clock_offset_ms', models.IntegerField(help_text="the server's clock less the device's; null unmeasured", null=True)),
                ('payload', models.TextField(blank=True, help_text='JSON')),
                ('received_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['run', 'seq'], name='imagery_ses_run_id_2a0490_idx')],
                'constraints': [models.UniqueConstraint(fields=('run', 'event_id'), name='session_event_unique')],
            },
        ),
        migrations.CreateModel(
            name='DrawingDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='drafts', to='imagery.sessionrun')),
                ('stage', models.CharField(max_length=24)),
                ('rev', models.BigIntegerField(help_text='rises with each save of a page; what comes late is dropped')),
                ('strokes', models.TextField(blank=True)),
                ('saved_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('run', 'stage'), name='drawing_draft_unique')],
            },
        ),
        migrations.CreateModel(
            name='StageVisit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='visits', to='imagery.sessionrun')),
                ('stage', models.CharField(max_length=24)),
                ('kind', models.CharField(max_length=8)),
                ('place', models.PositiveIntegerField(help_text='position among all stages, from 1')),
                ('entered_at', models.DateTimeField(help_text='when the post that led to it was stored')),
                ('left_at', models.DateTimeField(null=True)),
                ('quiet_planned_ms', models.PositiveIntegerField(default=0, help_text='as the script asks')),
                ('quiet_actual_ms', models.PositiveIntegerField(help_text='as kept, without pauses; null unmeasured', null=True)),
                ('longer_ms', models.PositiveIntegerField(help_text="asked for by 'longer please'; null unmeasured", null=True)),
                ('pauses', models.PositiveIntegerField(help_text='null unmeasured', null=True)),
                ('paused_ms', models.PositiveIntegerField(help_text='null unmeasured', null=True)),
                ('hidden_ms', models.PositiveIntegerField(help_text='while the page was not to be seen; null unmeasured', null=True)),
                ('voice', models.CharField(blank=True, help_text='recording, device or words; empty unmeasured', max_length=9)),
                ('audio_ms', models.PositiveIntegerField(help_text="the recording's length; null without one", null=True)),
                ('audio_heard_ms', models.PositiveIntegerField(help_text='how much of it was played; null without one', null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('run', 'stage'), name='stage_visit_unique')],
            },
        ),
        migrations.CreateModel(
            name='DrawingRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('drawing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='imagery.drawing')),
                ('status', models.CharField(choices=[('drawn', 'Drawn'), ('uploaded', 'Uploaded'), ('words', 'Words'), ('skipped', 'Skipped')], max_length=8)),
                ('reason', models.CharField(blank=True, max_length=16)),
                ('words', models.TextField(blank=True)),
                ('strokes', models.TextField(blank=True)),
                ('file', models.CharField(blank=True, max_length=64)),
                ('saved_at', models.DateTimeField()),
                ('replaced_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='RatingRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rating', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='imagery.rating')),
                ('value', models.FloatField(null=True)),
                ('forms', models.CharField(blank=True, max_length=120)),
                ('status', models.CharField(choices=[('answered', 'Answered'), ('declined', 'Declined'), ('not_applicable', 'Not Applicable'), ('not_reached', 'Not Reached')], max_length=14)),
                ('answered_at', models.DateTimeField(null=True)),
                ('response_time_ms', models.PositiveIntegerField(null=True)),
                ('replaced_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='ReportRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='imagery.report')),
                ('text', models.TextField(blank=True)),
                ('written_at', models.DateTimeField()),
                ('replaced_at', models.DateTimeField()),
            ],
        ),
    ]
