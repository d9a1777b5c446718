package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"math/rand/v2"
	"slices"

	"github.com/jackc/pgx/v5"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// ImportOptions steer an import.
type ImportOptions struct {
	SkipConflicts bool // leave prompts with a used id out, instead of refusing the import
	// InTx, if set, runs in the import's transaction before it commits: to enqueue the generation of what is missing.
	InTx func(ctx context.Context, tx pgx.Tx, r ImportResult) error
}

// knownChunk is how many ids one query asks for.
const knownChunk = 20_000

// conflictDetailsMax bounds the lines that an error lists.
const conflictDetailsMax = 1000

// ImportPrompts adds a whole prompt set in one transaction: prompts, responses and a task for each prompt. A prompt that
// is there already with the same content is counted and left alone. One with other content is a conflict: it refuses the
// whole import with CodeConflict and the lines as details, unless conflicts are to be skipped. The result lists the
// conflicts either way.
func (s *Store) ImportPrompts(ctx context.Context, campaignID int64, in []PromptInput, o ImportOptions) (ImportResult, error) {
	if err := checkPrompts(in); err != nil {
		return ImportResult{}, err
	}
	var result ImportResult
	err := s.inTx(ctx, "import prompts", longWrite, func(tx pgx.Tx, q *db.Queries) error {
		// Imports into one campaign go one after the other, so what is known now stays all that is known.
		campaign, err := q.LockCampaign(ctx, campaignID)
		if err != nil {
			return missing("lock campaign", err, noCampaign())
		}
		fresh, err := newPrompts(ctx, q, campaignID, in, &result)
		if err != nil {
			return err
		}
		if len(result.Conflicts) > 0 && !o.SkipConflicts {
			return conflictError(result.Conflicts)
		}
		if err := copyPrompts(ctx, tx, q, campaign, fresh, &result); err != nil {
			return err
		}
		err = q.CountImported(ctx, db.CountImportedParams{
			ID: campaignID, Prompts: int64(result.PromptsAdded), Responses: int64(result.ResponsesAdded),
		})
		if err != nil || o.InTx == nil {
			return err
		}
		return o.InTx(ctx, tx, result)
	})
	if err != nil {
		return ImportResult{Conflicts: result.Conflicts}, err
	}
	return result, nil
}

func conflictError(conflicts []Conflict) error {
	var details []ranking.Detail
	for _, c := range conflicts[:min(len(conflicts), conflictDetailsMax)] {
		details = append(details, ranking.Errorf(ranking.CodeConflict, "the id %s is in use with other content", c.ID).At("", c.Line))
	}
	return ranking.Errorf(ranking.CodeConflict, "nothing was imported: prompts whose id is in use with other content: %d", len(conflicts)).WithDetails(details)
}

// checkPrompts refuses what the database cannot store. The readers of files have checked it with better messages; this
// is the wall behind them.
func checkPrompts(in []PromptInput) error {
	var details []ranking.Detail
	for i := range in {
		if reason := unstorablePrompt(&in[i]); reason != "" {
			details = append(details, ranking.Detail{Line: in[i].Line, Reason: reason})
			if len(details) == conflictDetailsMax {
				break
			}
		}
	}
	if len(details) == 0 {
		return nil
	}
	return ranking.Errorf(ranking.CodeInvalid, "nothing was imported: prompts that cannot be stored: %d", len(details)).WithDetails(details)
}

func unstorablePrompt(in *PromptInput) string {
	p := &in.Prompt
	if p.ExternalID == "" {
		return "the id is empty"
	}
	if len(p.Messages) == 0 || p.Messages[len(p.Messages)-1].Role != "user" {
		return "the conversation does not end in a user turn"
	}
	if reason := unstorable(p.ExternalID + p.Group); reason != "" {
		return "the id or group " + reason
	}
	for _, m := range p.Messages {
		if reason := unstorable(m.Role + m.Content); reason != "" {
			return "a message " + reason
		}
	}
	if reason := unstorableValue(p.Metadata); reason != "" {
		return "the metadata " + reason
	}
	for _, r := range in.Responses {
		if reason := unstorable(r.Text + r.Model); reason != "" {
			return "a response " + reason
		}
		if len(r.FileIndexes) == 0 {
			return "a response has no place in the file"
		}
	}
	return ""
}

// newPrompts returns the prompts that are not stored yet, counting repeats and conflicts, also those inside in.
func newPrompts(ctx context.Context, q *db.Queries, campaignID int64, in []PromptInput, result *ImportResult) ([]*PromptInput, error) {
	known := make(map[string][32]byte)
	for chunk := range slices.Chunk(in, knownChunk) {
		ids := make([]string, len(chunk))
		for i := range chunk {
			ids[i] = chunk[i].Prompt.ExternalID
		}
		rows, err := q.KnownPrompts(ctx, db.KnownPromptsParams{CampaignID: campaignID, ExternalIds: ids})
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			known[row.ExternalID] = [32]byte(row.ContentSha256)
		}
	}
	var fresh []*PromptInput
	for i := range in {
		content, found := known[in[i].Prompt.ExternalID]
		switch {
		case !found:
			known[in[i].Prompt.ExternalID] = in[i].ContentSHA256
			fresh = append(fresh, &in[i])
		case content == in[i].ContentSHA256:
			result.PromptsDuplicate++
		default:
			result.Conflicts = append(result.Conflicts, Conflict{Line: in[i].Line, ID: in[i].Prompt.ExternalID})
		}
	}
	return fresh, nil
}

// copyPrompts writes prompts, responses and tasks with COPY. The ids are reserved first, so that all rows can be made
// here and nothing has to be read back.
func copyPrompts(ctx context.Context, tx pgx.Tx, q *db.Queries, c db.LockCampaignRow, fresh []*PromptInput, result *ImportResult) error {
	responses := 0
	for _, in := range fresh {
		responses += len(in.Responses)
	}
	promptIDs, err := q.ReservePromptIDs(ctx, int64(len(fresh)))
	if err != nil {
		return err
	}
	responseIDs, err := q.ReserveResponseIDs(ctx, int64(responses))
	if err != nil {
		return err
	}
	firstResponse := make([]int, len(fresh)+1) // of each prompt in responseIDs
	for i, in := range fresh {
		firstResponse[i+1] = firstResponse[i] + len(in.Responses)
	}

	err = copyRows(ctx, tx, "prompts", []string{"id", "campaign_id", "external_id", "group_key", "messages", "metadata", "content_sha256"},
		len(fresh), func(i int) ([]any, error) {
			p := &fresh[i].Prompt
			group := p.Group
			if group == "" {
				group = p.ExternalID
			}
			metadata := p.Metadata
			if metadata == nil {
				metadata = map[string]any{}
			}
			encoded, err := json.Marshal(metadata)
			return []any{promptIDs[i], c.ID, p.ExternalID, group, p.Messages, json.RawMessage(encoded), fresh[i].ContentSHA256[:]}, err
		})
	if err != nil {
		return err
	}
	prompt := 0
	err = copyRows(ctx, tx, "responses", []string{"id", "prompt_id", "text", "text_sha256", "model", "file_indexes"},
		responses, func(i int) ([]any, error) {
			for i >= firstResponse[prompt+1] {
				prompt++
			}
			r := &fresh[prompt].Responses[i-firstResponse[prompt]]
			sum := sha256.Sum256([]byte(r.Text))
			return []any{responseIDs[i], promptIDs[prompt], r.Text, sum[:], r.Model, int32s(r.FileIndexes)}, nil
		})
	if err != nil {
		return err
	}
	err = copyRows(ctx, tx, "tasks", []string{"campaign_id", "prompt_id", "state", "overlap", "response_ids", "sensitive"},
		len(fresh), func(i int) ([]any, error) {
			all := responseIDs[firstResponse[i]:firstResponse[i+1]]
			state := "open"
			k := ranking.CampaignKind(c.Kind).TaskResponses(int(c.K))
			if k > 0 && len(all) < responsesMin { // a demonstration and a dialogue wait for none
				state = "waiting"
				result.ResponsesToGenerate += k - len(all)
				result.GeneratePromptIDs = append(result.GeneratePromptIDs, promptIDs[i])
			}
			shown := drawResponses(all, k, c.Seed, fresh[i].Prompt.ExternalID)
			overlap := c.Overlap
			if c.Kind == string(ranking.KindProbe) { // one holds the conversation; it is judged anew when it is finished
				overlap = 1
			}
			return []any{c.ID, promptIDs[i], state, overlap, shown, fresh[i].Prompt.Sensitive()}, nil
		})
	if err != nil {
		return err
	}
	result.PromptsAdded, result.TasksAdded, result.ResponsesAdded = len(fresh), len(fresh), responses
	if c.CalibrationFirst > 0 && len(fresh) > 0 {
		return q.FillCalibration(ctx, db.FillCalibrationParams{CampaignID: c.ID, Size: c.CalibrationFirst})
	}
	return nil
}

func copyRows(ctx context.Context, tx pgx.Tx, table string, columns []string, n int, row func(i int) ([]any, error)) error {
	_, err := tx.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromSlice(n, row))
	return err
}

// drawResponses returns at most k of the responses, in file order. The draw follows from the campaign's seed and the
// prompt's id in the file, so the same file gives the same tasks in every database.
func drawResponses(ids []int64, k int, seed int64, externalID string) []int64 {
	if len(ids) <= k {
		return append(make([]int64, 0, len(ids)), ids...) // never nil, which would be stored as NULL
	}
	sum := sha256.Sum256([]byte(externalID))
	random := rand.New(rand.NewPCG(uint64(seed), binary.LittleEndian.Uint64(sum[:])))
	places := random.Perm(len(ids))[:k]
	slices.Sort(places)
	shown := make([]int64, k)
	for i, place := range places {
		shown[i] = ids[place]
	}
	return shown
}
