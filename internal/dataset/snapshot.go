package dataset

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"rankloop/internal/store"
	"rankloop/ranking"
)

// Snapshots makes immutable selections of judgments.
type Snapshots struct {
	Store     *store.Store
	Artifacts Artifacts
}

// Artifacts is where files are kept by their content.
type Artifacts interface {
	Put(ctx context.Context, write func(io.Writer) error) (sha256 string, bytes int64, err error)
}

// SnapshotRequest says what goes into a snapshot: every judgment of the campaigns, newest revisions.
type SnapshotRequest struct {
	Name            string // "" for the next free "snapshot-N"
	Campaigns       []ranking.Campaign
	Seed            int64
	ValidationShare float64 // of the groups, in [0, 1)
	CreatedBy       *int64

	WithoutCalibration bool // leaves out what was submitted as part of a calibration batch
}

// SnapshotReport describes a snapshot. It is the JSON of `rankloop snapshot create` and `show`, and what the store keeps
// as the snapshot's counts.
type SnapshotReport struct {
	Snapshot           string      `json:"snapshot"`
	SHA256             string      `json:"sha256"` // of the records with their splits
	Campaigns          []string    `json:"campaigns"`
	Seed               int64       `json:"seed"`
	ValidationShare    float64     `json:"validation_share"`
	Judgments          int         `json:"judgments"`
	SimulatedJudgments int         `json:"simulated_judgments"`
	Calibration        int         `json:"calibration_judgments"` // submitted as part of a calibration batch
	Annotators         int         `json:"annotators"`
	Prompts            SplitCounts `json:"prompts"`
	Comparisons        SplitCounts `json:"comparisons"` // strict and tied
	Ties               int         `json:"ties"`
}

// SplitCounts counts by side.
type SplitCounts struct {
	Total      int `json:"total"`
	Train      int `json:"train"`
	Validation int `json:"validation"`
}

func (c *SplitCounts) add(split ranking.Split, n int) {
	c.Total += n
	if split == ranking.SplitValidation {
		c.Validation += n
	} else {
		c.Train += n
	}
}

// Create freezes the judgments there are now. The records, with the side each lies on, become an artifact whose hash is
// the snapshot's: the same judgments with the same seed and share give the same hash.
func (s Snapshots) Create(ctx context.Context, request SnapshotRequest) (SnapshotReport, error) {
	if request.ValidationShare < 0 || request.ValidationShare >= 1 || request.ValidationShare != request.ValidationShare {
		return SnapshotReport{}, ranking.Errorf(ranking.CodeInvalid, "the validation share must be at least 0 and less than 1, not %g", request.ValidationShare)
	}
	spool, err := os.CreateTemp("", "rankloop-snapshot-*.jsonl")
	if err != nil {
		return SnapshotReport{}, fmt.Errorf("make a temporary file for the snapshot: %w", err)
	}
	defer os.Remove(spool.Name())
	defer spool.Close()

	// Which side a prompt lies on is known only when all are known; the records wait in a file, so that memory stays
	// flat and both passes see the same moment.
	splitter := ranking.NewSplitter(uint64(request.Seed), request.ValidationShare)
	report := SnapshotReport{Seed: request.Seed, ValidationShare: request.ValidationShare, Campaigns: []string{}}
	buffered := bufio.NewWriterSize(spool, 256<<10)
	encoder := json.NewEncoder(buffered)
	for _, campaign := range request.Campaigns {
		report.Campaigns = append(report.Campaigns, campaign.Name)
		err := s.Store.EachRecord(ctx, store.Source{CampaignID: campaign.ID}, func(r ranking.Record) error {
			if r.Calibration && request.WithoutCalibration {
				return nil
			}
			splitter.Add(&r)
			report.Judgments++
			return encoder.Encode(&r)
		})
		if err != nil {
			return SnapshotReport{}, err
		}
	}
	if report.Judgments == 0 {
		return SnapshotReport{}, ranking.Errorf(ranking.CodeInvalid, "there are no judgments to take a snapshot of yet")
	}
	if err := buffered.Flush(); err != nil {
		return SnapshotReport{}, fmt.Errorf("write the snapshot's temporary file: %w", err)
	}

	sides := splitter.Split()
	var judgments []store.SnapshotJudgment
	var bytes int64
	report.SHA256, bytes, err = s.Artifacts.Put(ctx, func(w io.Writer) error {
		if _, err := spool.Seek(0, io.SeekStart); err != nil {
			return err
		}
		judgments, err = writeSplit(spool, w, sides, &report)
		return err
	})
	if err != nil {
		return SnapshotReport{}, err
	}
	return s.register(ctx, request, report, bytes, judgments)
}

// writeSplit copies records from r to w with the side each lies on, and counts them into the report.
func writeSplit(r io.Reader, w io.Writer, sides map[ranking.PromptKey]ranking.Split, report *SnapshotReport) ([]store.SnapshotJudgment, error) {
	exporter, err := ranking.NewExporter("native", w)
	if err != nil {
		return nil, err
	}
	var judgments []store.SnapshotJudgment
	annotators := make(map[string]bool)
	var last ranking.PromptKey
	decoder := json.NewDecoder(bufio.NewReaderSize(r, 256<<10))
	for range report.Judgments {
		var record ranking.Record
		if err := decoder.Decode(&record); err != nil {
			return nil, fmt.Errorf("read the snapshot's temporary file: %w", err)
		}
		key := ranking.PromptKey{Campaign: record.Campaign, ID: record.PromptID}
		record.Split = sides[key]
		if n := len(judgments); n == 0 || judgments[n-1].ID != record.JudgmentID { // the turns of a dialogue are one judgment
			judgments = append(judgments, store.SnapshotJudgment{ID: record.JudgmentID, Split: record.Split})
		}
		if record.Simulated {
			report.SimulatedJudgments++
		}
		if record.Calibration {
			report.Calibration++
		}
		annotators[record.Annotator] = true
		if key != last {
			last = key
			report.Prompts.add(record.Split, 1)
		}
		for _, pair := range record.Comparisons() {
			report.Comparisons.add(record.Split, 1)
			if pair.Tied {
				report.Ties++
			}
		}
		if err := exporter.Add(record); err != nil {
			return nil, err
		}
	}
	report.Annotators = len(annotators)
	_, err = exporter.Close()
	return judgments, err
}

// register gives the snapshot its name and its rows.
func (s Snapshots) register(ctx context.Context, request SnapshotRequest, report SnapshotReport, bytes int64, judgments []store.SnapshotJudgment) (SnapshotReport, error) {
	for number := 1; ; number++ {
		report.Snapshot = request.Name
		if request.Name == "" {
			report.Snapshot = fmt.Sprintf("snapshot-%d", number)
			_, err := s.Store.SnapshotByName(ctx, report.Snapshot)
			if err == nil {
				continue
			}
			if ranking.ErrorCode(err) != ranking.CodeNotFound {
				return SnapshotReport{}, err
			}
		}
		counts, err := json.Marshal(report)
		if err != nil {
			return SnapshotReport{}, err
		}
		_, err = s.Store.CreateSnapshot(ctx, store.NewSnapshot{
			Name: report.Snapshot, SHA256: report.SHA256, Bytes: bytes, Seed: request.Seed, ValidationShare: request.ValidationShare,
			Counts: counts, Judgments: judgments, CreatedBy: request.CreatedBy,
		})
		if request.Name == "" && ranking.ErrorCode(err) == ranking.CodeConflict {
			continue // somebody took the name meanwhile
		}
		return report, err
	}
}

// DescribeSnapshot gives the report of a snapshot that exists.
func DescribeSnapshot(snapshot store.Snapshot) (SnapshotReport, error) {
	var report SnapshotReport
	if err := json.Unmarshal(snapshot.Counts, &report); err != nil {
		return report, fmt.Errorf("counts of the snapshot %s: %w", snapshot.Name, err)
	}
	report.Snapshot, report.SHA256, report.Seed = snapshot.Name, snapshot.SHA256, snapshot.Seed
	return report, nil
}
