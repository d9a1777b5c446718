-- After how much uninterrupted work a break is suggested, 0 for never; and whether the right answer of a task that has one
-- is shown once it was answered.
ALTER TABLE campaigns
    ADD COLUMN break_minutes integer NOT NULL DEFAULT 50 CHECK (break_minutes BETWEEN 0 AND 480),
    ADD COLUMN show_known boolean NOT NULL DEFAULT false;

-- Who wants no such suggestions.
ALTER TABLE users ADD COLUMN suggest_breaks boolean NOT NULL DEFAULT true;
