-- A task is leased ahead while its person is still at another, and begun when they get to it. Until then a search that
-- finds nothing else may take it back.
ALTER TABLE leases ADD COLUMN ahead boolean NOT NULL DEFAULT false;
CREATE INDEX leases_ahead ON leases (task_id) WHERE ahead AND outcome IS NULL;
ALTER TABLE campaign_members ADD COLUMN next_lease_id bigint; -- the newest lease ahead; begun, ended or not, the lease says
