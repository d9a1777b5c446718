DROP INDEX skips_history;
DROP INDEX judgments_history;
DELETE FROM drafts WHERE revision > 0;
ALTER TABLE drafts DROP COLUMN revision;
ALTER TABLE campaigns DROP COLUMN revise_last, DROP COLUMN revise_seconds;
