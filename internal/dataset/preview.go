package dataset

import (
	"context"
	"errors"

	"rankloop/internal/store"
	"rankloop/ranking"
)

// Preview says what an import of one file would bring, and stores nothing.
type Preview struct {
	store.ImportResult
	File ranking.PromptSetFile // with the bad lines, those that reuse an id of the campaign included
}

var errPreview = errors.New("only a preview")

// Preview runs the import of a file up to its last step and takes it back, so that the figures are those of the import
// itself and not of something like it.
func (im Importer) Preview(ctx context.Context, campaign ranking.Campaign, file ranking.PromptSetFile) (Preview, error) {
	preview := Preview{File: file}
	_, err := im.Store.ImportPrompts(ctx, campaign.ID, promptInputs(file), store.ImportOptions{
		SkipConflicts: true,
		InTx: func(_ context.Context, _ store.Tx, r store.ImportResult) error {
			preview.ImportResult = r
			return errPreview
		},
	})
	if err != nil && !errors.Is(err, errPreview) {
		return Preview{}, nameFile(err, file.Name)
	}
	preview.PromptsDuplicate += file.Duplicates
	for _, conflict := range preview.Conflicts {
		preview.File.Bad = append(preview.File.Bad, conflictReason(conflict).At(file.Name, conflict.Line))
	}
	return preview, nil
}

// promptInputs are a file's good lines as the store takes them.
func promptInputs(file ranking.PromptSetFile) []store.PromptInput {
	inputs := make([]store.PromptInput, len(file.Prompts))
	for i, line := range file.Prompts {
		inputs[i] = store.PromptInput{Prompt: line.Prompt, Responses: line.Responses, ContentSHA256: line.ContentSHA256, Line: line.Line}
	}
	return inputs
}

func conflictReason(c store.Conflict) *ranking.Error {
	return ranking.Errorf(ranking.CodeConflict, "reuses the id %s of a prompt of this campaign with other content", c.ID)
}
