package app

import (
	"context"
	"path/filepath"

	"rankloop/internal/dataset"
	"rankloop/internal/store"
)

// desk is what the admin's and the researcher's pages ask of the program: the store, and what ties it to files, jobs
// and training.
type desk struct {
	*store.Store
	services *Services
	uploads  *uploads
	*playground
}

func newDesk(s *Services, playground *playground) desk {
	return desk{Store: s.Store, services: s, uploads: newUploads(filepath.Join(s.DataDir, "uploads")), playground: playground}
}

// WorkerAlive says whether some process works queued runs and generates responses.
func (d desk) WorkerAlive(ctx context.Context) (bool, error) { return d.services.WorkerAlive(ctx) }

// GenerateWaiting asks again for the responses that a campaign's waiting tasks lack.
func (d desk) GenerateWaiting(ctx context.Context, campaignID int64) (int, error) {
	return d.services.queue.GenerateWaiting(ctx, d.Store, campaignID)
}

func (d desk) importer() dataset.Importer {
	return dataset.Importer{Store: d.Store, Enqueue: d.services.EnqueueGeneration}
}
