-- Campaigns that probe rules: a conversation with the model under one rule, and a mark that says whether it was broken.
ALTER TABLE campaigns DROP CONSTRAINT campaigns_kind_check, DROP CONSTRAINT campaigns_k_check,
    ADD CONSTRAINT campaigns_kind_check CHECK (kind IN ('ranking', 'comparison', 'demonstration', 'dialogue', 'probe')),
    ADD CONSTRAINT campaigns_k_check CHECK (CASE kind WHEN 'comparison' THEN k = 2 WHEN 'demonstration' THEN k = 0
        WHEN 'dialogue' THEN k BETWEEN 2 AND 8 WHEN 'probe' THEN k = 1 ELSE k BETWEEN 2 AND 16 END);

-- The rule of a probe, in the words of a version of the schema, and the person whose finished conversation is judged anew.
ALTER TABLE leases ADD COLUMN rule text, ADD COLUMN rule_version integer, ADD COLUMN judges_of bigint REFERENCES users,
    ADD CHECK ((rule IS NULL) = (rule_version IS NULL)), ADD CHECK (judges_of IS NULL OR rule IS NOT NULL);
CREATE INDEX leases_judges ON leases (judges_of) WHERE judges_of IS NOT NULL;

-- How many finished conversations were held under each rule.
CREATE TABLE probed_rules (
    campaign_id bigint NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    rule        text NOT NULL,
    probed      integer NOT NULL CHECK (probed >= 0),
    PRIMARY KEY (campaign_id, rule)
);
