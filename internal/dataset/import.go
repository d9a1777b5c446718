// Package dataset moves whole sets of data between files and the store: prompt sets in, snapshots and exports out. The
// command line and the pages use the same functions.
package dataset

import (
	"context"
	"errors"
	"io"

	"rankloop/internal/store"
	"rankloop/ranking"
)

// Importer brings prompt sets into campaigns.
type Importer struct {
	Store *store.Store
	// Enqueue asks for the missing responses of prompts, in the import's transaction.
	Enqueue func(ctx context.Context, tx store.Tx, campaignID int64, promptIDs []int64) error
}

// ImportReport says what an import brought. It is the JSON of `rankloop import`.
type ImportReport struct {
	Campaign            string       `json:"campaign"`
	Files               []FileReport `json:"files"`
	PromptsAdded        int          `json:"prompts_added"`
	PromptsDuplicate    int          `json:"prompts_duplicate"`
	ResponsesAdded      int          `json:"responses_added"`
	ResponsesToGenerate int          `json:"responses_to_generate"`
	TasksAdded          int          `json:"tasks_added"`
	BadLines            int          `json:"bad_lines"`
}

// FileReport is one file's part of an import.
type FileReport struct {
	Path             string    `json:"path"`
	SHA256           string    `json:"sha256"`
	Lines            int       `json:"lines"`
	PromptsAdded     int       `json:"prompts_added"`
	PromptsDuplicate int       `json:"prompts_duplicate"`
	Bad              []BadLine `json:"bad"`
}

// BadLine is a line that was left out.
type BadLine struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

// noGeneration is the --generate-from of a campaign whose prompts bring all their responses themselves.
const noGeneration = "none"

// maxErrorDetails bounds how many bad lines an error lists.
const maxErrorDetails = 1000

// Load reads a prompt set whole, under the limits of the campaign: where its --generate-from names no checkpoint, a
// prompt must bring at least 2 responses. ids is shared by the files of one import.
func (im Importer) Load(ctx context.Context, campaign ranking.Campaign, name string, r io.Reader, ids ranking.PromptIDs) (ranking.PromptSetFile, error) {
	limits := ranking.DefaultPromptSetLimits()
	if generates, err := im.generates(ctx, campaign); err != nil {
		return ranking.PromptSetFile{}, err
	} else if !generates && campaign.Kind.TaskResponses(campaign.K) > 0 {
		limits.MinResponses = 2
	}
	return ranking.LoadPromptSet(name, r, limits, ids)
}

func (im Importer) generates(ctx context.Context, campaign ranking.Campaign) (bool, error) {
	if campaign.GenerateFrom == noGeneration {
		return false, nil
	}
	_, err := im.Store.CheckpointByName(ctx, campaign.GenerateFrom)
	if ranking.ErrorCode(err) == ranking.CodeNotFound {
		return false, nil
	}
	return err == nil, err
}

// Import stores the files, each in one transaction with the jobs it causes. A bad line in any of them refuses all of
// them, unless skipBad is set: then the good lines go in and the report lists the others.
func (im Importer) Import(ctx context.Context, campaign ranking.Campaign, files []ranking.PromptSetFile, skipBad bool) (ImportReport, error) {
	report := ImportReport{Campaign: campaign.Name, Files: []FileReport{}}
	if err := refuseBad(files); err != nil && !skipBad {
		return report, err
	}
	for _, file := range files {
		if err := im.importFile(ctx, campaign, file, skipBad, &report); err != nil {
			return report, err
		}
	}
	return report, nil
}

// refuseBad makes the error that lists the bad lines of all files, or nil.
func refuseBad(files []ranking.PromptSetFile) error {
	var details []ranking.Detail
	total := 0
	for _, file := range files {
		total += len(file.Bad)
		details = append(details, file.Bad[:min(len(file.Bad), maxErrorDetails-len(details))]...)
	}
	if total == 0 {
		return nil
	}
	return ranking.Errorf(ranking.CodeInvalid, "nothing was imported: bad lines: %d; correct them, or import the others with --skip-bad", total).
		WithDetails(details)
}

func (im Importer) importFile(ctx context.Context, campaign ranking.Campaign, file ranking.PromptSetFile, skipBad bool, report *ImportReport) error {
	result, err := im.Store.ImportPrompts(ctx, campaign.ID, promptInputs(file), store.ImportOptions{
		SkipConflicts: skipBad,
		InTx: func(ctx context.Context, tx store.Tx, r store.ImportResult) error {
			if len(r.GeneratePromptIDs) == 0 {
				return nil
			}
			return im.Enqueue(ctx, tx, campaign.ID, r.GeneratePromptIDs)
		},
	})
	if err != nil {
		return nameFile(err, file.Name)
	}
	out := FileReport{
		Path: file.Name, SHA256: file.SHA256, Lines: file.Lines,
		PromptsAdded: result.PromptsAdded, PromptsDuplicate: file.Duplicates + result.PromptsDuplicate,
		Bad: []BadLine{},
	}
	for _, bad := range file.Bad {
		out.Bad = append(out.Bad, BadLine{bad.Line, bad.Reason})
	}
	for _, conflict := range result.Conflicts {
		out.Bad = append(out.Bad, BadLine{conflict.Line, conflictReason(conflict).Error()})
	}
	report.Files = append(report.Files, out)
	report.PromptsAdded += out.PromptsAdded
	report.PromptsDuplicate += out.PromptsDuplicate
	report.ResponsesAdded += result.ResponsesAdded
	report.ResponsesToGenerate += result.ResponsesToGenerate
	report.TasksAdded += result.TasksAdded
	report.BadLines += len(out.Bad)
	return nil
}

// nameFile adds the file to the places that the store's error names by line only.
func nameFile(err error, file string) error {
	var known *ranking.Error
	if !errors.As(err, &known) {
		return err
	}
	for i := range known.Details {
		known.Details[i].File = file
	}
	return err
}
