-- name: LockMember :one
-- Serialises the leases of one user in one campaign, and says what they may do.
SELECT m.task_cursor, m.lease_id, m.next_lease_id, u.opted_out, c.name, c.state, c.seed, c.lease_seconds, (u.disabled_at IS NOT NULL)::bool AS disabled,
    (SELECT max(g.version) FROM guidelines g WHERE g.campaign_id = c.id)::int AS guideline_version,
    (SELECT max(s.version) FROM schemas s WHERE s.campaign_id = c.id)::int AS schema_version,
    u.simulated, m.approved_at, c.calibration_approval,
    (CASE WHEN u.simulated THEN false ELSE EXISTS (
        SELECT FROM tasks t WHERE t.campaign_id = c.id AND t.calibration IS NOT NULL AND t.state <> 'withdrawn'
    ) END)::bool AS calibrates,
    (SELECT g.text = '' FROM guidelines g WHERE g.campaign_id = c.id ORDER BY g.version DESC LIMIT 1)::bool AS nothing_to_read,
    coalesce((SELECT max(r.version) FROM guideline_readings r WHERE r.campaign_id = c.id AND r.user_id = m.user_id), 0)::int AS version_read,
    (CASE WHEN c.quiz_from = 0 THEN true ELSE EXISTS (
        SELECT FROM quiz_attempts a
        WHERE a.campaign_id = c.id AND a.user_id = m.user_id AND a.passed AND a.voided_at IS NULL AND a.version >= c.quiz_from
    ) END)::bool AS qualified
FROM campaign_members m
JOIN campaigns c ON c.id = m.campaign_id
JOIN users u ON u.id = m.user_id
WHERE m.campaign_id = @campaign_id AND m.user_id = @user_id
FOR NO KEY UPDATE OF m;

-- name: ResumeLease :one
-- The user's live lease with its task. One that ran out unnoticed still holds its place and is prolonged.
UPDATE leases l SET expires_at = CASE WHEN l.expires_at > now() THEN l.expires_at
        ELSE now() + make_interval(secs => @lease_seconds::float8) END
FROM tasks t
WHERE l.id = @id AND l.outcome IS NULL AND t.id = l.task_id
RETURNING sqlc.embed(l), sqlc.embed(t);

-- name: TakeTask :one
-- Takes a place at the next free task behind the cursor that the user has not had, none of the calibration batch. OFFSET 0 keeps the anti-join a probe
-- of leases_once for each task in order, whatever the statistics say.
WITH next AS (
    SELECT t.id FROM tasks t
    WHERE t.campaign_id = @campaign_id AND t.id > @after_id AND t.state = 'open' AND t.taken < t.overlap AND t.calibration IS NULL
        AND NOT t.sensitive && @opted_out::text[]
        AND NOT EXISTS (
            SELECT FROM leases l
            WHERE l.task_id = t.id AND l.user_id = @user_id
                AND (l.outcome IS NULL OR l.outcome IN ('judged', 'skipped'))
            OFFSET 0)
    ORDER BY t.id
    LIMIT 1
    FOR NO KEY UPDATE OF t SKIP LOCKED
)
UPDATE tasks t SET taken = t.taken + 1
FROM next
WHERE t.id = next.id
RETURNING t.*;

-- name: BusyTask :one
-- What TakeTask, ReclaimLeases and TakeBackAhead passed over: a task with a free place for the user, or with the place
-- of a lease that ran out or that somebody else holds ahead. It locks nothing.
(
    SELECT t.id FROM tasks t
    WHERE t.campaign_id = @campaign_id AND t.state = 'open' AND t.taken < t.overlap AND t.calibration IS NULL
        AND NOT t.sensitive && @opted_out::text[]
        AND NOT EXISTS (
            SELECT FROM leases l
            WHERE l.task_id = t.id AND l.user_id = @user_id
                AND (l.outcome IS NULL OR l.outcome IN ('judged', 'skipped'))
            OFFSET 0)
    ORDER BY t.id
    LIMIT 1
) UNION ALL (
    SELECT t.id FROM leases late
    JOIN tasks t ON t.id = late.task_id
    WHERE late.outcome IS NULL AND (late.expires_at < now() OR late.ahead AND late.user_id <> @user_id)
        AND t.campaign_id = @campaign_id AND t.state = 'open' AND t.calibration IS NULL AND NOT t.sensitive && @opted_out::text[]
        AND NOT EXISTS (
            SELECT FROM leases l
            WHERE l.task_id = t.id AND l.user_id = @user_id AND l.id <> late.id
                AND (l.outcome IS NULL OR l.outcome IN ('judged', 'skipped')))
    ORDER BY late.expires_at
    LIMIT 1
)
LIMIT 1;

-- name: LockTask :exec
-- Waits until nobody else is at a task.
SELECT id FROM tasks WHERE id = @id FOR NO KEY UPDATE;

-- name: InsertLease :one
-- The cursor follows what the user is at: a lease that is held ahead moves it when it is begun.
WITH lease AS (
    INSERT INTO leases (token, task_id, user_id, order_shown, order_scored, guideline_version, schema_version, ahead, rule, rule_version, judges_of, expires_at)
    VALUES (@token, @task_id, @user_id, @order_shown, @order_scored, @guideline_version, @schema_version, @ahead, sqlc.narg(rule), sqlc.narg(rule_version), sqlc.narg(judges_of), now() + make_interval(secs => @lease_seconds::float8))
    RETURNING *
), member AS (
    UPDATE campaign_members m SET
        task_cursor = CASE WHEN lease.ahead THEN m.task_cursor ELSE lease.task_id END,
        lease_id = CASE WHEN lease.ahead THEN m.lease_id ELSE lease.id END,
        next_lease_id = CASE WHEN lease.ahead THEN lease.id END
    FROM lease
    WHERE m.campaign_id = @campaign_id AND m.user_id = @user_id
)
SELECT * FROM lease;

-- name: ReclaimLeases :execrows
-- Frees the places of leases that ran out. It never waits: a task or lease that somebody works on is left for later.
WITH late AS (
    SELECT l.id FROM leases l
    JOIN tasks t ON t.id = l.task_id
    WHERE l.outcome IS NULL AND l.expires_at < now()
    ORDER BY l.expires_at
    LIMIT @max_rows::int
    FOR NO KEY UPDATE OF t, l SKIP LOCKED
), ended AS (
    UPDATE leases l SET outcome = 'expired', ended_at = now()
    FROM late
    WHERE l.id = late.id
    RETURNING l.task_id
)
UPDATE tasks t SET taken = t.taken - e.places
FROM (SELECT task_id, count(*)::int AS places FROM ended GROUP BY task_id) e
WHERE t.id = e.task_id;

-- name: TaskPrompt :one
SELECT * FROM prompts WHERE id = @id;

-- name: ResponsesByID :many
SELECT id, prompt_id, text, model, generated, file_indexes FROM responses WHERE id = ANY (@ids::bigint[]);

-- name: LeasedTask :one
SELECT sqlc.embed(l), sqlc.embed(t) FROM leases l JOIN tasks t ON t.id = l.task_id WHERE l.token = @token;

-- name: RenewLease :one
UPDATE leases l SET expires_at = now() + make_interval(secs => c.lease_seconds::float8)
FROM tasks t
JOIN campaigns c ON c.id = t.campaign_id
WHERE l.token = @token AND l.user_id = @user_id AND l.outcome IS NULL AND t.id = l.task_id
RETURNING l.expires_at;

-- name: LockTaskOfLease :one
-- Whatever ends a lease locks its task first, then the lease.
SELECT t.id, t.campaign_id, t.prompt_id, t.state, t.overlap, t.taken, t.judged, c.kind, (t.calibration IS NOT NULL)::bool AS calibration,
    (CASE WHEN c.show_known THEN (SELECT coalesce(jsonb_exists(p.metadata -> 'known', 'ranks'), false) FROM prompts p WHERE p.id = t.prompt_id) ELSE false END)::bool AS shows_known
FROM tasks t
JOIN campaigns c ON c.id = t.campaign_id
WHERE t.id = (SELECT l.task_id FROM leases l WHERE l.token = @token)
FOR NO KEY UPDATE OF t;

-- name: LockLease :one
SELECT sqlc.embed(l), u.simulated FROM leases l JOIN users u ON u.id = l.user_id WHERE l.token = @token
FOR NO KEY UPDATE OF l;

-- name: OtherLease :one
-- The lease of the same user and task that is live, judged or skipped, beside one that ended otherwise.
SELECT id, outcome FROM leases
WHERE task_id = @task_id AND user_id = @user_id AND id <> @id AND (outcome IS NULL OR outcome IN ('judged', 'skipped'))
FOR NO KEY UPDATE;

-- name: EndLease :exec
UPDATE leases SET outcome = @outcome, ended_at = coalesce(ended_at, now()) WHERE id = @id;

-- name: ReturnPlace :exec
UPDATE tasks SET taken = taken - 1 WHERE id = @id;

-- name: StoreJudgment :one
WITH ended AS (
    UPDATE leases SET outcome = 'judged', ended_at = now() WHERE id = @lease_id
), counted AS (
    UPDATE tasks SET taken = taken + @places_taken::int, judged = judged + 1,
        judged_simulated = judged_simulated + CASE WHEN @simulated::bool THEN 1 ELSE 0 END,
        state = CASE WHEN judged + 1 = overlap AND state = 'open' AND NOT @calibration::bool THEN 'complete' ELSE state END
    WHERE id = @task_id
), undrafted AS (
    DELETE FROM drafts WHERE task_id = @task_id AND user_id = @user_id
)
INSERT INTO judgments (campaign_id, task_id, user_id, lease_id, tiers, order_shown, kept_as_shown, comment, active_ms,
    started_at, guideline_version, schema_version, answers, order_scored, simulated, calibration)
VALUES (@campaign_id, @task_id, @user_id, @lease_id, @tiers, @order_shown, @kept_as_shown, @comment, @active_ms,
    @started_at, @guideline_version, @schema_version, @answers, @order_scored, @simulated, @calibration)
RETURNING *;

-- name: StoreWritten :one
-- The response of this text, whoever wrote it first.
WITH written AS (
    INSERT INTO responses (prompt_id, text, text_sha256, model, file_indexes, written_by)
    VALUES (@prompt_id, @text, @text_sha256, @model, ARRAY[@file_index::int], @written_by)
    ON CONFLICT (prompt_id, text_sha256) DO NOTHING
    RETURNING id
)
SELECT id FROM written UNION ALL SELECT r.id FROM responses r WHERE r.prompt_id = @prompt_id AND r.text_sha256 = @text_sha256
LIMIT 1;

-- name: JudgmentOfLease :one
SELECT * FROM judgments WHERE lease_id = @lease_id ORDER BY revision DESC LIMIT 1;

-- name: StoreSkip :exec
WITH ended AS (
    UPDATE leases SET outcome = 'skipped', ended_at = now() WHERE id = @lease_id
), counted AS (
    UPDATE tasks SET taken = taken - 1, skipped = skipped + 1 WHERE id = @task_id
), undrafted AS (
    DELETE FROM drafts WHERE task_id = @task_id AND user_id = @user_id
)
INSERT INTO skips (task_id, user_id, lease_id, reason) VALUES (@task_id, @user_id, @lease_id, @reason);

-- name: SaveDraft :one
-- Of a lease whose task is neither judged nor skipped; one that ran out counts, so that its work is not lost.
INSERT INTO drafts (task_id, user_id, draft)
SELECT l.task_id, l.user_id, @draft FROM leases l WHERE l.id = @lease_id
    AND NOT EXISTS (SELECT FROM leases o WHERE o.task_id = l.task_id AND o.user_id = l.user_id AND o.outcome IN ('judged', 'skipped'))
ON CONFLICT (task_id, user_id) DO UPDATE SET draft = excluded.draft, saved_at = now()
RETURNING saved_at;

-- name: DraftOf :one
SELECT draft, saved_at FROM drafts WHERE task_id = @task_id AND user_id = @user_id AND revision = @revision;
