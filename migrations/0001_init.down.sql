DROP SCHEMA river CASCADE;
DROP TABLE audit_log, run_samples, run_metrics;
DROP VIEW current_campaigns;
ALTER TABLE checkpoints DROP CONSTRAINT checkpoints_run_id_fkey;
DROP TABLE runs, checkpoints, snapshot_judgments, snapshots, artifacts, skips, judgments, leases, tasks,
    responses, prompts, links, campaign_members, guidelines, campaigns, sessions, users;
