-- The calibration batch: tasks that everybody who works on a campaign judges, in this order, before any other. Its places
-- are not counted, so the overlap bounds the other tasks alone.
ALTER TABLE tasks ADD COLUMN calibration integer CHECK (calibration BETWEEN 1 AND 50),
    DROP CONSTRAINT tasks_check,
    ADD CONSTRAINT tasks_check CHECK (taken >= 0 AND (taken <= overlap OR calibration IS NOT NULL));
CREATE INDEX tasks_calibration ON tasks (campaign_id, calibration) WHERE calibration IS NOT NULL;

-- How many of the first prompts are in the batch, so that an import fills it; 0 where its prompts were named. And whether
-- people wait behind it until an admin lets them go on.
ALTER TABLE campaigns
    ADD COLUMN calibration_first integer NOT NULL DEFAULT 0 CHECK (calibration_first BETWEEN 0 AND 50),
    ADD COLUMN calibration_approval boolean NOT NULL DEFAULT false;
ALTER TABLE campaign_members ADD COLUMN approved_at timestamptz;

-- Submitted while its task was in the batch; that does not change when the batch does.
ALTER TABLE judgments ADD COLUMN calibration boolean NOT NULL DEFAULT false;
