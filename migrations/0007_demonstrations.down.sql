DELETE FROM snapshot_judgments s USING judgments j, campaigns c
WHERE j.id = s.judgment_id AND c.id = j.campaign_id AND c.kind = 'demonstration';
DELETE FROM campaigns WHERE kind = 'demonstration';
ALTER TABLE tasks DROP CONSTRAINT tasks_check3,
    ADD CONSTRAINT tasks_check3 CHECK (state = 'waiting' OR cardinality(response_ids) >= 2);
ALTER TABLE campaigns DROP CONSTRAINT campaigns_kind_check, DROP CONSTRAINT campaigns_k_check,
    ADD CONSTRAINT campaigns_kind_check CHECK (kind IN ('ranking', 'comparison')),
    ADD CONSTRAINT campaigns_k_check CHECK (CASE kind WHEN 'comparison' THEN k = 2 ELSE k BETWEEN 2 AND 16 END);
