DROP TABLE dialogue_turns;
DELETE FROM snapshot_judgments s USING judgments j, campaigns c
WHERE j.id = s.judgment_id AND c.id = j.campaign_id AND c.kind = 'dialogue';
DELETE FROM campaigns WHERE kind = 'dialogue';
ALTER TABLE campaigns DROP CONSTRAINT campaigns_kind_check, DROP CONSTRAINT campaigns_k_check,
    ADD CONSTRAINT campaigns_kind_check CHECK (kind IN ('ranking', 'comparison', 'demonstration')),
    ADD CONSTRAINT campaigns_k_check CHECK (CASE kind WHEN 'comparison' THEN k = 2 WHEN 'demonstration' THEN k = 0 ELSE k BETWEEN 2 AND 16 END);
