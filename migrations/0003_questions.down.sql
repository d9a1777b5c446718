ALTER TABLE users DROP COLUMN opted_out;
ALTER TABLE tasks DROP COLUMN sensitive;
UPDATE tasks SET state = 'complete' WHERE state = 'withdrawn';
ALTER TABLE tasks DROP CONSTRAINT tasks_state_check,
    ADD CONSTRAINT tasks_state_check CHECK (state IN ('waiting', 'open', 'complete'));
DROP TABLE questions;
