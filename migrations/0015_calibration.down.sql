ALTER TABLE judgments DROP COLUMN calibration;
ALTER TABLE campaign_members DROP COLUMN approved_at;
ALTER TABLE campaigns DROP COLUMN calibration_approval, DROP COLUMN calibration_first;
UPDATE tasks SET overlap = greatest(overlap, taken),
    state = CASE WHEN state = 'open' AND judged >= greatest(overlap, taken) THEN 'complete' ELSE state END
WHERE calibration IS NOT NULL;
DROP INDEX tasks_calibration;
ALTER TABLE tasks DROP CONSTRAINT tasks_check, DROP COLUMN calibration,
    ADD CONSTRAINT tasks_check CHECK (taken BETWEEN 0 AND overlap);
