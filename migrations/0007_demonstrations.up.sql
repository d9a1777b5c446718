-- Campaigns that collect demonstrations: no response is shown, the annotator writes one.
ALTER TABLE campaigns DROP CONSTRAINT campaigns_kind_check, DROP CONSTRAINT campaigns_k_check,
    ADD CONSTRAINT campaigns_kind_check CHECK (kind IN ('ranking', 'comparison', 'demonstration')),
    ADD CONSTRAINT campaigns_k_check CHECK (CASE kind WHEN 'comparison' THEN k = 2 WHEN 'demonstration' THEN k = 0 ELSE k BETWEEN 2 AND 16 END);
ALTER TABLE tasks DROP CONSTRAINT tasks_check3,
    ADD CONSTRAINT tasks_check3 CHECK (state = 'waiting' OR cardinality(response_ids) <> 1);
