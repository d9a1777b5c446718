-- name: CountOpenQuestions :one
SELECT count(*) FROM questions WHERE user_id = @user_id AND answered_at IS NULL AND kind = 'question';

-- name: InsertQuestion :exec
INSERT INTO questions (campaign_id, task_id, user_id, kind, text) VALUES (@campaign_id, @task_id, @user_id, @kind, @text);

-- name: QuestionsOfCampaign :many
-- Those without an answer first, the oldest of them first; then the newest answers.
SELECT sqlc.embed(q), u.name AS user_name, u.email AS user_email, c.name AS campaign, t.state AS task_state, p.external_id, p.messages
FROM questions q
JOIN users u ON u.id = q.user_id
JOIN campaigns c ON c.id = q.campaign_id
JOIN tasks t ON t.id = q.task_id
JOIN prompts p ON p.id = t.prompt_id
WHERE q.campaign_id = @campaign_id
ORDER BY q.answered_at IS NOT NULL, CASE WHEN q.answered_at IS NULL THEN q.id ELSE -q.id END
LIMIT @max_rows;

-- name: QuestionsOfUser :many
SELECT sqlc.embed(q), u.name AS user_name, u.email AS user_email, c.name AS campaign, t.state AS task_state, p.external_id, p.messages
FROM questions q
JOIN users u ON u.id = q.user_id
JOIN campaigns c ON c.id = q.campaign_id
JOIN tasks t ON t.id = q.task_id
JOIN prompts p ON p.id = t.prompt_id
WHERE q.user_id = @user_id AND (@task_id::bigint = 0 OR q.task_id = @task_id)
ORDER BY q.id DESC
LIMIT @max_rows;

-- name: AnswerQuestion :execrows
UPDATE questions SET answer = @answer, answered_at = now(), answered_by = @answered_by, read_at = NULL
WHERE id = @id AND campaign_id = @campaign_id;

-- name: ReadAnswers :exec
UPDATE questions SET read_at = now() WHERE user_id = @user_id AND answered_at IS NOT NULL AND read_at IS NULL;

-- name: CountUnreadAnswers :one
SELECT count(*) FROM questions WHERE user_id = @user_id AND answered_at IS NOT NULL AND read_at IS NULL;

-- name: WithdrawTask :execrows
UPDATE tasks SET state = 'withdrawn' WHERE id = @id AND campaign_id = @campaign_id AND state IN ('open', 'withdrawn');
