-- name: NextSteps :many
-- What stands between a user and their next task in each campaign they work on, or in one of them. The conditions are
-- those under which LockMember lets somebody take a task.
SELECT m.campaign_id, u.simulated,
    EXISTS (SELECT FROM leases l WHERE l.id = m.lease_id AND l.outcome IS NULL)::bool AS resumes,
    ((SELECT g.text = '' FROM guidelines g WHERE g.campaign_id = c.id ORDER BY g.version DESC LIMIT 1)
        OR coalesce((SELECT max(r.version) FROM guideline_readings r WHERE r.campaign_id = c.id AND r.user_id = m.user_id), 0)
            >= (SELECT max(g.version) FROM guidelines g WHERE g.campaign_id = c.id))::bool AS has_read,
    (CASE WHEN c.quiz_from = 0 THEN true ELSE EXISTS (
        SELECT FROM quiz_attempts a
        WHERE a.campaign_id = c.id AND a.user_id = m.user_id AND a.passed AND a.voided_at IS NULL AND a.version >= c.quiz_from
    ) END)::bool AS qualified,
    (SELECT count(*) FROM quiz_attempts a
        WHERE a.campaign_id = c.id AND a.user_id = m.user_id AND a.voided_at IS NULL AND a.version = c.quiz_version)::int AS quiz_tried,
    coalesce((SELECT (z.quiz ->> 'attempts')::int FROM quizzes z
        WHERE z.campaign_id = c.id AND z.version = c.quiz_version), 0)::int AS quiz_attempts,
    (CASE WHEN NOT c.calibration_approval OR m.approved_at IS NOT NULL THEN false ELSE
        EXISTS (SELECT FROM tasks t WHERE t.campaign_id = c.id AND t.calibration IS NOT NULL AND t.state <> 'withdrawn')
        AND NOT EXISTS (
            SELECT FROM tasks t WHERE t.campaign_id = c.id AND t.calibration IS NOT NULL AND t.state IN ('open', 'waiting')
                AND NOT t.sensitive && u.opted_out
                AND NOT EXISTS (SELECT FROM leases l WHERE l.task_id = t.id AND l.user_id = m.user_id AND l.outcome IN ('judged', 'skipped')))
    END)::bool AS waits
FROM campaign_members m
JOIN campaigns c ON c.id = m.campaign_id
JOIN users u ON u.id = m.user_id
WHERE m.user_id = @user_id AND (@campaign_id::bigint = 0 OR m.campaign_id = @campaign_id);

-- name: FirstSteps :one
-- How far the loop has been set up.
SELECT
    coalesce((SELECT c.name FROM campaigns c ORDER BY c.id DESC LIMIT 1), '')::text AS campaign,
    EXISTS (SELECT FROM prompts)::bool AS prompts,
    EXISTS (SELECT FROM tasks WHERE state <> 'waiting')::bool AS tasks,
    (EXISTS (SELECT FROM campaign_members)
        OR EXISTS (SELECT FROM links WHERE purpose = 'invitation' AND campaign_id IS NOT NULL AND expires_at > now()))::bool AS people,
    EXISTS (SELECT FROM judgments)::bool AS judgments,
    EXISTS (SELECT FROM snapshots)::bool AS snapshots,
    EXISTS (SELECT FROM runs WHERE state = 'succeeded')::bool AS runs;
