-- name: Pace :one
-- How a user comes along in a campaign; the median is of their last answers.
SELECT c.break_minutes, u.suggest_breaks,
    (SELECT count(*) FROM judgments j
        WHERE j.user_id = u.id AND j.campaign_id = c.id AND j.revision = 1 AND j.submitted_at >= @since)::bigint AS today,
    coalesce((SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY recent.active_ms) FROM (
        SELECT j.active_ms FROM judgments j
        WHERE j.user_id = u.id AND j.campaign_id = c.id
        ORDER BY j.submitted_at DESC LIMIT 200) AS recent), 0)::bigint AS median_active_ms
FROM campaigns c, users u
WHERE c.id = @campaign_id AND u.id = @user_id;

-- name: RecentWork :many
-- What a user submitted lately in all campaigns, newest first.
SELECT started_at, submitted_at, active_ms FROM judgments
WHERE user_id = @user_id AND revision = 1 AND submitted_at > @since
ORDER BY submitted_at DESC
LIMIT 500;

-- name: PaceSettings :one
SELECT break_minutes, show_known FROM campaigns WHERE id = @id;

-- name: SetPaceSettings :execrows
UPDATE campaigns SET break_minutes = @break_minutes, show_known = @show_known WHERE id = @id;

-- name: SuggestsBreaks :one
SELECT suggest_breaks FROM users WHERE id = @id;

-- name: SetSuggestsBreaks :execrows
UPDATE users SET suggest_breaks = @suggest_breaks WHERE id = @id;

-- name: ShowsKnown :one
-- Whether the right answer to a judgment's task is shown to whoever answered it.
SELECT (c.show_known AND coalesce(jsonb_exists(p.metadata -> 'known', 'ranks'), false))::bool AS shown FROM judgments j
JOIN tasks t ON t.id = j.task_id
JOIN prompts p ON p.id = t.prompt_id
JOIN campaigns c ON c.id = j.campaign_id
WHERE j.id = @judgment_id;
