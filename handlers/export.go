package handlers

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
)

// DatasetExport answers GET /datasets/:name/export?format= with the campaign's judgments as a file.
func DatasetExport(store datasetStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		campaign, err := campaignOfPath(c, store)
		if err != nil {
			return err
		}
		return export(c, store, campaign.Name, func(ctx context.Context, format string, w io.Writer) error {
			return store.ExportCampaign(ctx, campaign, format, w)
		})
	}
}

// SnapshotExport answers GET /snapshots/:name/export?format=.
func SnapshotExport(store datasetStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		snapshot, err := store.SnapshotByName(c.Request().Context(), c.Param("name"))
		if err != nil {
			return err
		}
		return export(c, store, snapshot.Name, func(ctx context.Context, format string, w io.Writer) error {
			return store.ExportSnapshot(ctx, snapshot, format, w)
		})
	}
}

// export streams a file. An error before its first byte becomes a page; after that the server cuts the connection.
func export(c echo.Context, store auditor, name string, write func(ctx context.Context, format string, w io.Writer) error) error {
	format := c.QueryParam("format")
	if _, err := ranking.NewExporter(format, io.Discard); err != nil {
		return err
	}
	if err := audit(c, store, "data.export", name, map[string]any{"format": format}); err != nil {
		return err
	}
	ending, contentType := ".jsonl", "application/jsonl; charset=utf-8"
	if format == "csv" {
		ending, contentType = ".csv", "text/csv; charset=utf-8"
	}
	w := &fileWriter{c: c, name: fmt.Sprintf("%s-%s%s", name, format, ending), contentType: contentType}
	if err := write(c.Request().Context(), format, w); err != nil {
		return err
	}
	w.begin() // a file of no rows is a file too
	return nil
}

// fileWriter sends the headers of a file with its first byte.
type fileWriter struct {
	c                 echo.Context
	name, contentType string
	begun             bool
}

func (f *fileWriter) begin() {
	if f.begun {
		return
	}
	f.begun = true
	h := f.c.Response().Header()
	h.Set(echo.HeaderContentType, f.contentType)
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+f.name+`"`) // names hold no character to escape
	h.Set("Cache-Control", "no-store")
	f.c.Response().WriteHeader(http.StatusOK)
}

func (f *fileWriter) Write(p []byte) (int, error) {
	f.begin()
	return f.c.Response().Write(p)
}
