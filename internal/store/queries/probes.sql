-- name: LockRules :exec
-- Rules are given out one after the other, so that none gets ahead of the others.
SELECT pg_advisory_xact_lock(@key::bigint);

-- name: RulesGiven :many
-- How often each rule was given: the conversations that are finished, and those under way.
SELECT g.rule, sum(g.times)::bigint AS times FROM (
    SELECT p.rule, p.probed AS times FROM probed_rules p WHERE p.campaign_id = @campaign_id
    UNION ALL
    SELECT l.rule, 1 FROM leases l JOIN tasks t ON t.id = l.task_id
    WHERE t.campaign_id = @campaign_id AND l.outcome IS NULL AND l.rule IS NOT NULL AND l.judges_of IS NULL
) g
GROUP BY g.rule;

-- name: RuleOfLease :one
SELECT coalesce(rule, '')::text FROM leases WHERE id = @id;

-- name: FinishedProbe :one
-- Who held the conversation of a task that is judged anew, and under which rule.
SELECT l.user_id, l.rule::text AS rule, l.rule_version::int AS rule_version FROM leases l
WHERE l.task_id = @task_id AND l.outcome = 'judged' AND l.rule IS NOT NULL AND l.judges_of IS NULL;

-- name: BegunProbe :one
-- The rule under which a user has begun a conversation on a task.
SELECT l.rule::text AS rule, l.rule_version::int AS rule_version FROM leases l
WHERE l.task_id = @task_id AND l.user_id = @user_id AND l.rule IS NOT NULL AND l.judges_of IS NULL
    AND EXISTS (SELECT FROM dialogue_turns d WHERE d.task_id = l.task_id AND d.user_id = l.user_id)
ORDER BY l.id DESC
LIMIT 1;

-- name: DropOwnDraft :exec
-- What one wrote about a conversation of one's own is no draft about somebody else's.
DELETE FROM drafts d WHERE d.task_id = @task_id AND d.user_id = @user_id
    AND NOT EXISTS (SELECT FROM leases l WHERE l.task_id = @task_id AND l.user_id = @user_id AND l.judges_of IS NOT NULL);

-- name: CountProbe :exec
INSERT INTO probed_rules (campaign_id, rule, probed) VALUES (@campaign_id, @rule, 1)
ON CONFLICT (campaign_id, rule) DO UPDATE SET probed = probed_rules.probed + 1;

-- name: OpenForJudges :exec
-- A conversation that is finished is given to as many others as the campaign's overlap asks for.
UPDATE tasks t SET overlap = c.overlap, state = 'open'
FROM campaigns c
WHERE t.id = @task_id AND c.id = t.campaign_id AND t.state = 'complete' AND t.judged < c.overlap;

-- name: ProbeOfJudgment :one
SELECT l.rule::text AS rule, l.rule_version::int AS rule_version, l.judges_of, j.campaign_id FROM judgments j
JOIN leases l ON l.id = j.lease_id
WHERE j.id = @judgment_id;

-- name: MarksOfCampaign :many
-- The newest mark of everybody on every conversation.
SELECT j.task_id, l.rule::text AS rule, (l.judges_of IS NOT NULL)::bool AS judged_anew, coalesce(j.answers -> 'mark' ->> 'verdict', '')::text AS verdict
FROM judgments j
JOIN leases l ON l.id = j.lease_id
WHERE j.campaign_id = @campaign_id AND l.rule IS NOT NULL
    AND NOT EXISTS (SELECT FROM judgments n WHERE n.task_id = j.task_id AND n.user_id = j.user_id AND n.revision > j.revision)
ORDER BY j.task_id, j.id;

-- name: FreeConversations :one
-- How many conversations without a first message a campaign has.
SELECT count(*) FROM prompts WHERE campaign_id = @campaign_id AND messages = '[]';
