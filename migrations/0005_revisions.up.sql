-- How long, and how far back, annotators may change what they submitted; 0 of either allows no change.
ALTER TABLE campaigns
    ADD COLUMN revise_seconds integer NOT NULL DEFAULT 86400 CHECK (revise_seconds BETWEEN 0 AND 2592000),
    ADD COLUMN revise_last integer NOT NULL DEFAULT 50 CHECK (revise_last BETWEEN 0 AND 1000);

-- The revision that a draft would replace, 0 for a task that is not judged yet.
ALTER TABLE drafts ADD COLUMN revision integer NOT NULL DEFAULT 0 CHECK (revision >= 0);

-- History goes back from the newest.
CREATE INDEX judgments_history ON judgments (user_id, submitted_at, id);
CREATE INDEX skips_history ON skips (user_id, created_at, id);
