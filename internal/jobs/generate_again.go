package jobs

import (
	"context"
	"slices"

	"github.com/riverqueue/river"

	"rankloop/internal/store"
)

// waitingMax bounds how many prompts one request queues; the rest is asked for by the next.
const waitingMax = 1_000_000

// GenerateWaiting asks again for the responses that a campaign's waiting tasks lack, for when earlier jobs gave up, and
// returns for how many prompts. A job that comes twice finds nothing left to do.
func (c *Client) GenerateWaiting(ctx context.Context, s *store.Store, campaignID int64) (int, error) {
	promptIDs, err := s.WaitingPrompts(ctx, campaignID, waitingMax)
	if err != nil || len(promptIDs) == 0 {
		return 0, err
	}
	var params []river.InsertManyParams
	for part := range slices.Chunk(promptIDs, promptsPerJob) {
		params = append(params, river.InsertManyParams{Args: generateArgs{CampaignID: campaignID, PromptIDs: part}})
	}
	_, err = c.river.InsertManyFast(ctx, params)
	return len(promptIDs), err
}
