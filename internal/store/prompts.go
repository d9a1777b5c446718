package store

import (
	"context"
	"math"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// PromptInput is one prompt of a prompt set.
type PromptInput struct {
	Prompt        ranking.Prompt     // ExternalID, Group, Messages, Metadata
	Responses     []ranking.Response // Text, Model, FileIndexes; each text once
	ContentSHA256 [32]byte           // of all the above: tells a repeat from an id reused with other content
	Line          int                // for messages
}

// Conflict is an id that is in use with other content.
type Conflict struct {
	Line int
	ID   string
}

// ImportResult says what an import added.
type ImportResult struct {
	PromptsAdded, PromptsDuplicate int
	ResponsesAdded, TasksAdded     int
	ResponsesToGenerate            int     // how many responses the waiting tasks lack
	GeneratePromptIDs              []int64 // their prompts
	Conflicts                      []Conflict
}

// GeneratedResponse is a response that a checkpoint wrote.
type GeneratedResponse struct {
	Text  string
	Model string // the checkpoint's name
}

// PromptRow is one line of the list of a campaign's prompts.
type PromptRow struct {
	ID              int64
	ExternalID      string
	Group           string
	Messages        []ranking.Message
	Responses       int // all, also those that are not shown
	TaskID          int64
	State           string // waiting, open or complete
	Judged, Overlap int
}

// pageRowsMax bounds every page of a list.
const pageRowsMax = 500

func pageRows(limit int) int32 { return int32(min(max(limit, 1), pageRowsMax)) }

// PromptPage returns up to limit prompts of a campaign behind afterID (0 for the first page), in the order of import.
func (s *Store) PromptPage(ctx context.Context, campaignID, afterID int64, limit int) ([]PromptRow, error) {
	rows, err := s.q.PromptPage(ctx, db.PromptPageParams{CampaignID: campaignID, AfterID: afterID, MaxRows: pageRows(limit)})
	if err != nil {
		return nil, explain("page of prompts", err)
	}
	page := make([]PromptRow, len(rows))
	for i, row := range rows {
		page[i] = PromptRow{
			ID: row.ID, ExternalID: row.ExternalID, Group: row.GroupKey, Messages: row.Messages,
			Responses: int(row.Responses), TaskID: row.TaskID, State: row.State, Judged: int(row.Judged), Overlap: int(row.Overlap),
		}
	}
	return page, nil
}

// PromptResponses returns all responses of a prompt in file order, shown or not.
func (s *Store) PromptResponses(ctx context.Context, promptID int64) ([]ranking.Response, error) {
	rows, err := s.q.PromptResponses(ctx, promptID)
	if err != nil {
		return nil, explain("responses of a prompt", err)
	}
	all := make([]ranking.Response, len(rows))
	for i, row := range rows {
		all[i] = ranking.Response{
			ID: row.ID, PromptID: row.PromptID, Text: row.Text, Model: row.Model,
			FileIndexes: ints(row.FileIndexes), Generated: row.Generated,
		}
	}
	return all, nil
}

func ints(values []int32) []int {
	all := make([]int, len(values))
	for i, v := range values {
		all[i] = int(v)
	}
	return all
}

func int32s(values []int) []int32 {
	all := make([]int32, len(values))
	for i, v := range values {
		all[i] = int32(min(v, math.MaxInt32))
	}
	return all
}
