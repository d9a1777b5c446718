package app

import (
	"context"
	"io"

	"rankloop/handlers"
	"rankloop/internal/dataset"
	"rankloop/ranking"
)

// previewLines is how many good lines a preview carries along.
const previewLines = 10

// SaveUpload keeps a file between preview and confirmation.
func (d desk) SaveUpload(_ context.Context, userID int64, file io.Reader) (string, error) {
	return d.uploads.save(userID, file)
}

// UploadBytes is the size of a file that was sent.
func (d desk) UploadBytes(_ context.Context, userID int64, sha256 string) (int64, error) {
	file, err := d.uploads.open(userID, sha256)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// DropUpload forgets a file.
func (d desk) DropUpload(_ context.Context, userID int64, sha256 string) error {
	return d.uploads.drop(userID, sha256)
}

// PreviewUpload reads an upload as an import would, and stores nothing.
func (d desk) PreviewUpload(ctx context.Context, userID int64, campaign ranking.Campaign, name, sha256 string) (result handlers.UploadPreview, err error) {
	err = d.uploads.alone(ctx, func() error {
		file, err := d.readUpload(ctx, userID, campaign, name, sha256)
		if err != nil {
			return err
		}
		preview, err := d.importer().Preview(ctx, campaign, file)
		if err != nil {
			return err
		}
		result = uploadPreview(preview)
		return nil
	})
	return result, err
}

// ImportUpload reads an upload afresh, stores all of it or nothing, and forgets the file.
func (d desk) ImportUpload(ctx context.Context, userID int64, campaign ranking.Campaign, name, sha256 string) (result handlers.UploadPreview, err error) {
	err = d.uploads.alone(ctx, func() error {
		file, err := d.readUpload(ctx, userID, campaign, name, sha256)
		if err != nil {
			return err
		}
		report, err := d.importer().Import(ctx, campaign, []ranking.PromptSetFile{file}, false)
		if err != nil {
			return err
		}
		result = handlers.UploadPreview{
			Lines: file.Lines, PromptsAdded: report.PromptsAdded, PromptsDuplicate: report.PromptsDuplicate,
			ResponsesAdded: report.ResponsesAdded, ResponsesToGenerate: report.ResponsesToGenerate,
		}
		return d.uploads.drop(userID, sha256)
	})
	return result, err
}

// readUpload reads an upload whole and checks that it still is what was sent.
func (d desk) readUpload(ctx context.Context, userID int64, campaign ranking.Campaign, name, sha256 string) (ranking.PromptSetFile, error) {
	content, err := d.uploads.open(userID, sha256)
	if err != nil {
		return ranking.PromptSetFile{}, err
	}
	defer content.Close()
	file, err := d.importer().Load(ctx, campaign, name, content, ranking.PromptIDs{})
	if err == nil && file.SHA256 != sha256 {
		return file, uploadExpired()
	}
	return file, err
}

func uploadPreview(p dataset.Preview) handlers.UploadPreview {
	return handlers.UploadPreview{
		Lines: p.File.Lines, PromptsAdded: p.PromptsAdded, PromptsDuplicate: p.PromptsDuplicate, ResponsesAdded: p.ResponsesAdded,
		ResponsesToGenerate: p.ResponsesToGenerate, TasksWaiting: len(p.GeneratePromptIDs),
		Bad: p.File.Bad, First: p.File.Prompts[:min(len(p.File.Prompts), previewLines)],
	}
}
