-- name: HistoryJudged :many
-- One's own judgments, newest revisions only, going back from a moment.
SELECT j.id, j.task_id, j.revision, j.tiers, j.order_shown, j.comment, j.active_ms, j.submitted_at, c.name AS campaign,
    p.external_id, p.messages, coalesce(l.rule, '')::text AS rule
FROM judgments j
JOIN leases l ON l.id = j.lease_id
JOIN campaigns c ON c.id = j.campaign_id
JOIN tasks t ON t.id = j.task_id
JOIN prompts p ON p.id = t.prompt_id
WHERE j.user_id = @user_id AND (j.submitted_at, j.id) < (@before_at::timestamptz, @before_id::bigint)
    AND (@campaign::text = '' OR c.name = @campaign)
    AND j.revision >= @revision_min::int
    AND NOT EXISTS (SELECT FROM judgments n WHERE n.task_id = j.task_id AND n.user_id = j.user_id AND n.revision > j.revision)
ORDER BY j.submitted_at DESC, j.id DESC
LIMIT @max_rows;

-- name: HistorySkipped :many
SELECT s.id, s.task_id, s.reason, s.created_at, c.name AS campaign, p.external_id, p.messages, coalesce(l.rule, '')::text AS rule
FROM skips s
JOIN leases l ON l.id = s.lease_id
JOIN tasks t ON t.id = s.task_id
JOIN campaigns c ON c.id = t.campaign_id
JOIN prompts p ON p.id = t.prompt_id
WHERE s.user_id = @user_id AND (s.created_at, s.id) < (@before_at::timestamptz, @before_id::bigint)
    AND (@campaign::text = '' OR c.name = @campaign)
ORDER BY s.created_at DESC, s.id DESC
LIMIT @max_rows;

-- name: CampaignsOfUser :many
-- Those one works on or has worked on.
SELECT c.name FROM campaigns c
WHERE EXISTS (SELECT FROM campaign_members m WHERE m.campaign_id = c.id AND m.user_id = @user_id)
    OR EXISTS (SELECT FROM judgments j WHERE j.campaign_id = c.id AND j.user_id = @user_id)
ORDER BY c.id;

-- name: OwnSkip :one
SELECT s.id, s.reason, s.created_at, l.order_shown, sqlc.embed(t), c.name AS campaign
FROM skips s
JOIN leases l ON l.id = s.lease_id
JOIN tasks t ON t.id = s.task_id
JOIN campaigns c ON c.id = t.campaign_id
WHERE s.id = @id AND s.user_id = @user_id;

-- name: OwnJudgment :one
-- A judgment of the user, any revision, with what decides whether it may be changed. The count of later ones stops
-- where the campaign's window ends.
SELECT sqlc.embed(j), sqlc.embed(t), c.name AS campaign, c.state AS campaign_state, c.kind AS campaign_kind,
    c.revise_seconds, c.revise_last,
    greatest(j.guideline_version, (SELECT max(r.version) FROM guideline_readings r WHERE r.campaign_id = c.id AND r.user_id = j.user_id))::int AS guideline_version,
    (SELECT max(r.revision) FROM judgments r WHERE r.task_id = j.task_id AND r.user_id = j.user_id)::int AS newest_revision,
    (f.submitted_at + make_interval(secs => c.revise_seconds::float8) < now())::bool AS too_old,
    (SELECT count(*) FROM (
        SELECT FROM judgments n
        WHERE n.user_id = j.user_id AND n.campaign_id = j.campaign_id AND n.revision = 1
            AND (n.submitted_at, n.id) > (f.submitted_at, f.id)
        LIMIT c.revise_last) AS later)::int AS later,
    EXISTS (SELECT FROM campaign_members m WHERE m.campaign_id = c.id AND m.user_id = j.user_id) AS member
FROM judgments j
JOIN judgments f ON f.task_id = j.task_id AND f.user_id = j.user_id AND f.revision = 1
JOIN tasks t ON t.id = j.task_id
JOIN campaigns c ON c.id = j.campaign_id
WHERE j.id = @id AND j.user_id = @user_id;

-- name: LockLeaseOfJudgment :exec
-- Serialises the revisions of a judgment: all of them belong to its lease.
SELECT l.id FROM leases l WHERE l.id = (SELECT j.lease_id FROM judgments j WHERE j.id = @judgment_id AND j.user_id = @user_id)
FOR NO KEY UPDATE;

-- name: RevisionsOfJudgment :many
SELECT id, revision, tiers, active_ms, submitted_at FROM judgments
WHERE task_id = @task_id AND user_id = @user_id
ORDER BY revision DESC;

-- name: RevisionAfter :one
SELECT * FROM judgments WHERE task_id = @task_id AND user_id = @user_id AND revision = @revision;

-- name: NewestJudgment :one
-- What one judged last in a campaign, as it is now.
SELECT n.id FROM judgments f
JOIN judgments n ON n.task_id = f.task_id AND n.user_id = f.user_id
WHERE f.user_id = @user_id AND f.campaign_id = @campaign_id AND f.revision = 1
ORDER BY f.submitted_at DESC, f.id DESC, n.revision DESC
LIMIT 1;

-- name: StoreRevision :one
-- A revision keeps its first one's lease, orders, schema and start; its guidelines are the newest that the user has read.
WITH undrafted AS (
    DELETE FROM drafts d USING judgments o WHERE o.id = @id AND d.task_id = o.task_id AND d.user_id = o.user_id
)
INSERT INTO judgments (campaign_id, task_id, user_id, revision, lease_id, tiers, order_shown, kept_as_shown, comment, active_ms,
    started_at, guideline_version, schema_version, answers, order_scored, simulated, calibration)
SELECT o.campaign_id, o.task_id, o.user_id, o.revision + 1, o.lease_id, @tiers, o.order_shown, @kept_as_shown, @comment, @active_ms,
    o.started_at, @guideline_version, o.schema_version, @answers, o.order_scored, o.simulated, o.calibration
FROM judgments o WHERE o.id = @id
RETURNING *;

-- name: SaveRevisionDraft :one
-- Of the newest revision only: an older one cannot be replaced.
INSERT INTO drafts (task_id, user_id, draft, revision)
SELECT j.task_id, j.user_id, @draft, j.revision FROM judgments j
WHERE j.id = @judgment_id AND j.user_id = @user_id
    AND NOT EXISTS (SELECT FROM judgments n WHERE n.task_id = j.task_id AND n.user_id = j.user_id AND n.revision > j.revision)
ON CONFLICT (task_id, user_id) DO UPDATE SET draft = excluded.draft, revision = excluded.revision, saved_at = now()
RETURNING saved_at;

-- name: RevisionWindow :one
SELECT revise_seconds, revise_last FROM campaigns WHERE id = @id;

-- name: SetRevisionWindow :execrows
UPDATE campaigns SET revise_seconds = @revise_seconds, revise_last = @revise_last WHERE id = @id;

-- name: HoursOfUser :many
-- The active time of each campaign and day in a time zone; the day is the midnight in UTC that has its date. A revision
-- counts what it added to the one before.
SELECT (date_trunc('day', w.submitted_at AT TIME ZONE @zone::text) AT TIME ZONE 'UTC')::timestamptz AS day, c.name AS campaign,
    count(*) FILTER (WHERE w.revision = 1) AS judgments, count(*) FILTER (WHERE w.revision > 1) AS changes,
    sum(w.added_ms)::bigint AS active_ms
FROM (
    SELECT j.campaign_id, j.submitted_at, j.revision,
        j.active_ms - coalesce(lag(j.active_ms) OVER (PARTITION BY j.task_id ORDER BY j.revision), 0) AS added_ms
    FROM judgments j
    WHERE j.user_id = @user_id
) w
JOIN campaigns c ON c.id = w.campaign_id
GROUP BY 1, c.id, c.name
ORDER BY 1, c.id;
