-- How values are spread at a step, beside the metrics that are their means: name → low, high, counts.
ALTER TABLE run_metrics ADD COLUMN histograms jsonb NOT NULL DEFAULT '{}';
