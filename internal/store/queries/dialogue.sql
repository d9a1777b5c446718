-- name: DialogueTurns :many
SELECT * FROM dialogue_turns WHERE task_id = @task_id AND user_id = @user_id ORDER BY turn;

-- name: StoreSaid :exec
INSERT INTO dialogue_turns (task_id, user_id, turn, said, active_ms) VALUES (@task_id, @user_id, @turn, @said, @active_ms);

-- name: StoreDrawn :exec
-- What was drawn first stays.
INSERT INTO dialogue_turns (task_id, user_id, turn, drawn) VALUES (@task_id, @user_id, @turn, @drawn)
ON CONFLICT (task_id, user_id, turn) DO UPDATE SET drawn = excluded.drawn
WHERE dialogue_turns.drawn IS NULL AND dialogue_turns.replied_at IS NULL;

-- name: StoreReply :exec
INSERT INTO dialogue_turns (task_id, user_id, turn, reply, began_as, tiers, survival, active_ms, replied_at)
VALUES (@task_id, @user_id, @turn, @reply, @began_as, @tiers, @survival, @active_ms, now())
ON CONFLICT (task_id, user_id, turn) DO UPDATE SET reply = excluded.reply, began_as = excluded.began_as, tiers = excluded.tiers,
    survival = excluded.survival, active_ms = excluded.active_ms, replied_at = excluded.replied_at;

-- name: DropTurn :exec
DELETE FROM dialogue_turns WHERE task_id = @task_id AND user_id = @user_id AND turn = @turn;

-- name: DropReply :exec
UPDATE dialogue_turns SET reply = '', began_as = 0, tiers = '[]', survival = NULL, replied_at = NULL
WHERE task_id = @task_id AND user_id = @user_id AND turn = @turn;

-- name: TurnsOfJudgment :many
-- Of whoever held the conversation, which need not be the one who judged it.
SELECT d.* FROM judgments j
JOIN leases l ON l.id = j.lease_id
JOIN dialogue_turns d ON d.task_id = j.task_id AND d.user_id = coalesce(l.judges_of, j.user_id)
WHERE j.id = @judgment_id AND d.replied_at IS NOT NULL
ORDER BY d.turn;

-- name: KindOfCampaign :one
SELECT kind FROM campaigns WHERE id = @id;

-- name: BegunDialogue :one
-- A conversation of the user that has no end yet and whose task, outside of the calibration batch, has a free place.
SELECT t.id FROM dialogue_turns d
JOIN tasks t ON t.id = d.task_id
WHERE d.user_id = @user_id AND t.campaign_id = @campaign_id AND t.state = 'open' AND t.taken < t.overlap AND t.calibration IS NULL
    AND NOT EXISTS (
        SELECT FROM leases l
        WHERE l.task_id = t.id AND l.user_id = @user_id AND (l.outcome IS NULL OR l.outcome IN ('judged', 'skipped')))
ORDER BY t.id
LIMIT 1;
