DROP TABLE probed_rules;
DELETE FROM snapshot_judgments s USING judgments j, campaigns c
WHERE j.id = s.judgment_id AND c.id = j.campaign_id AND c.kind = 'probe';
DELETE FROM campaigns WHERE kind = 'probe';
DROP INDEX leases_judges;
ALTER TABLE leases DROP COLUMN judges_of, DROP COLUMN rule_version, DROP COLUMN rule;
ALTER TABLE campaigns DROP CONSTRAINT campaigns_kind_check, DROP CONSTRAINT campaigns_k_check,
    ADD CONSTRAINT campaigns_kind_check CHECK (kind IN ('ranking', 'comparison', 'demonstration', 'dialogue')),
    ADD CONSTRAINT campaigns_k_check CHECK (CASE kind WHEN 'comparison' THEN k = 2 WHEN 'demonstration' THEN k = 0
        WHEN 'dialogue' THEN k BETWEEN 2 AND 8 ELSE k BETWEEN 2 AND 16 END);
