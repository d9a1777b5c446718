ALTER TABLE users DROP COLUMN suggest_breaks;
ALTER TABLE campaigns DROP COLUMN show_known, DROP COLUMN break_minutes;
