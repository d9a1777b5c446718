-- name: InsertCampaign :one
INSERT INTO campaigns (name, kind, k, overlap, seed, generate_from, lease_seconds, calibration_first, calibration_approval)
VALUES (@name, @kind, @k, @overlap, @seed, @generate_from, @lease_seconds, @calibration_first, @calibration_approval)
ON CONFLICT (name) DO NOTHING
RETURNING id;

-- name: InsertGuidelines :exec
INSERT INTO guidelines (campaign_id, version, text) VALUES (@campaign_id, @version, @text);

-- name: InsertSchema :exec
INSERT INTO schemas (campaign_id, version, schema) VALUES (@campaign_id, @version, @schema);

-- name: NewestSchema :one
SELECT version, schema FROM schemas WHERE campaign_id = @campaign_id ORDER BY version DESC LIMIT 1;

-- name: SchemaByVersion :one
SELECT schema FROM schemas WHERE campaign_id = @campaign_id AND version = @version;

-- name: LockCampaign :one
SELECT id, name, kind, k, overlap, seed, generate_from, calibration_first FROM campaigns WHERE id = @id FOR NO KEY UPDATE;

-- name: NewestGuidelineVersion :one
SELECT coalesce(max(version), 0)::int FROM guidelines WHERE campaign_id = @campaign_id;

-- name: CampaignByID :one
SELECT * FROM current_campaigns WHERE id = @id;

-- name: CampaignByName :one
SELECT * FROM current_campaigns WHERE name = @name;

-- name: ListCampaigns :many
SELECT * FROM current_campaigns ORDER BY id;

-- name: CountCampaigns :many
-- The counts of one campaign, or of all (campaign_id null). One pass over the tasks; leases that ran out count as free.
-- The tasks of the calibration batch are never complete and counted apart; judgments and skips count all.
SELECT c.id, c.prompts, c.responses,
    coalesce(t.total, 0)::bigint AS tasks_total,
    coalesce(t.waiting, 0)::bigint AS tasks_waiting,
    coalesce(t.open, 0)::bigint AS tasks_open,
    coalesce(t.complete, 0)::bigint AS tasks_complete,
    coalesce(t.calibration, 0)::bigint AS calibration_tasks,
    coalesce(t.calibration_waiting, 0)::bigint AS calibration_waiting,
    coalesce(t.calibration_judged, 0)::bigint AS calibration_judgments,
    coalesce(t.judged, 0)::bigint AS judgments,
    coalesce(t.judged_simulated, 0)::bigint AS judgments_simulated,
    coalesce(t.skipped, 0)::bigint AS skips,
    coalesce(l.leased, 0)::bigint AS tasks_leased,
    coalesce(r.revisions, 0)::bigint AS revisions,
    coalesce(m.members, 0)::bigint AS members
FROM campaigns c
LEFT JOIN (
    SELECT campaign_id, count(*) FILTER (WHERE state <> 'withdrawn' AND calibration IS NULL) AS total,
        count(*) FILTER (WHERE state = 'waiting' AND calibration IS NULL) AS waiting,
        count(*) FILTER (WHERE state = 'open' AND calibration IS NULL) AS open,
        count(*) FILTER (WHERE state = 'complete') AS complete,
        count(*) FILTER (WHERE state <> 'withdrawn' AND calibration IS NOT NULL) AS calibration,
        count(*) FILTER (WHERE state = 'waiting' AND calibration IS NOT NULL) AS calibration_waiting,
        sum(judged) FILTER (WHERE calibration IS NOT NULL) AS calibration_judged,
        sum(judged) AS judged, sum(judged_simulated) AS judged_simulated, sum(skipped) AS skipped
    FROM tasks
    WHERE sqlc.narg('campaign_id')::bigint IS NULL OR campaign_id = sqlc.narg('campaign_id')
    GROUP BY campaign_id
) t ON t.campaign_id = c.id
LEFT JOIN (
    SELECT tasks.campaign_id, count(DISTINCT tasks.id) AS leased
    FROM leases
    JOIN tasks ON tasks.id = leases.task_id
    WHERE leases.outcome IS NULL AND leases.expires_at > now() AND tasks.state = 'open' AND tasks.calibration IS NULL
    GROUP BY tasks.campaign_id
) l ON l.campaign_id = c.id
LEFT JOIN (
    SELECT campaign_id, count(*) AS revisions FROM judgments WHERE revision > 1 GROUP BY campaign_id
) r ON r.campaign_id = c.id
LEFT JOIN (
    SELECT campaign_id, count(*) AS members FROM campaign_members GROUP BY campaign_id
) m ON m.campaign_id = c.id
WHERE sqlc.narg('campaign_id')::bigint IS NULL OR c.id = sqlc.narg('campaign_id')
ORDER BY c.id;

-- name: SetCampaignState :execrows
UPDATE campaigns SET state = @state WHERE id = @id;

-- name: GuidelinesText :one
SELECT text FROM guidelines WHERE campaign_id = @campaign_id AND version = @version;

-- name: AddMember :exec
INSERT INTO campaign_members (campaign_id, user_id) VALUES (@campaign_id, @user_id) ON CONFLICT DO NOTHING;

-- name: RemoveMember :execrows
DELETE FROM campaign_members WHERE campaign_id = @campaign_id AND user_id = @user_id;

-- name: Members :many
SELECT u.* FROM campaign_members m JOIN users u ON u.id = m.user_id WHERE m.campaign_id = @campaign_id ORDER BY u.id;

-- name: IsMember :one
SELECT EXISTS (SELECT FROM campaign_members WHERE campaign_id = @campaign_id AND user_id = @user_id);

-- name: Assignments :many
-- What an annotator's home shows. The count of what is left stops at left_max.
SELECT sqlc.embed(c),
    (SELECT count(*) FROM (
        SELECT FROM tasks t
        WHERE t.campaign_id = c.id AND t.state = 'open' AND t.taken < t.overlap AND t.calibration IS NULL
            AND NOT t.sensitive && (SELECT u.opted_out FROM users u WHERE u.id = m.user_id)
            AND NOT EXISTS (
                SELECT FROM leases l
                WHERE l.task_id = t.id AND l.user_id = m.user_id
                    AND (l.outcome IS NULL OR l.outcome IN ('judged', 'skipped')))
        LIMIT @left_max::int) AS free)::bigint AS free,
    (SELECT count(*) FROM tasks t
        WHERE t.campaign_id = c.id AND t.calibration IS NOT NULL AND t.state IN ('open', 'waiting')
            AND NOT t.sensitive && (SELECT u.opted_out FROM users u WHERE u.id = m.user_id)
            AND NOT EXISTS (SELECT FROM leases l WHERE l.task_id = t.id AND l.user_id = m.user_id AND l.outcome IN ('judged', 'skipped')))::bigint AS calibration,
    (SELECT count(*) FROM leases l JOIN tasks t ON t.id = l.task_id
        WHERE l.id IN (m.lease_id, m.next_lease_id) AND l.outcome IS NULL AND t.calibration IS NULL)::bigint AS leased,
    (SELECT count(*) FROM judgments j
        WHERE j.user_id = m.user_id AND j.campaign_id = c.id AND j.revision = 1)::bigint AS mine,
    (SELECT count(*) FROM judgments j
        WHERE j.user_id = m.user_id AND j.campaign_id = c.id AND j.revision = 1
            AND j.submitted_at >= @since)::bigint AS mine_today,
    coalesce((SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY recent.active_ms) FROM (
        SELECT j.active_ms FROM judgments j
        WHERE j.user_id = m.user_id AND j.campaign_id = c.id
        ORDER BY j.submitted_at DESC LIMIT 200) AS recent), 0)::bigint AS median_active_ms
FROM campaign_members m
JOIN current_campaigns c ON c.id = m.campaign_id
WHERE m.user_id = @user_id
ORDER BY c.id;
