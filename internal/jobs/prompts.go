package jobs

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"io"
	"slices"

	"rankloop/internal/store"
	"rankloop/ranking"
)

const (
	maxPrompts = 1_000_000 // prompts of one PPO run
	maxHeldOut = 64        // prompts kept for the sample table
)

// promptLine is one prompt of a PPO run as its artifact holds it.
type promptLine struct {
	ID       string            `json:"id"`
	Messages []ranking.Message `json:"messages"`
	HeldOut  bool              `json:"held_out,omitempty"` // for the sample table only
}

// prompts draws a PPO run's prompts and pins them: those of the named campaign or file, else those that nobody has
// judged followed by the snapshot's training split. A prompt of a validation split is never among them, whatever is
// named; neither is one of the same group or with the same text.
func (b *builder) prompts(ctx context.Context) error {
	named := b.request.Campaign != "" || b.request.Prompts != nil || b.request.Snapshot != ""
	if !named && b.old != nil && b.old.Prompts != nil {
		b.spec.Snapshot, b.spec.Prompts = b.old.Snapshot, b.old.Prompts
		return nil
	}
	if err := b.promptSnapshot(ctx); err != nil {
		return err
	}
	draw := newPromptDraw()
	if b.spec.Snapshot != nil {
		if err := b.Inputs.eachRecord(ctx, b.spec.Snapshot.SHA256, draw.judged); err != nil {
			return err
		}
	}
	var err error
	source := "unjudged and training prompts"
	switch {
	case b.request.Prompts != nil:
		source = b.request.Prompts.Name
		err = draw.addFile(b.request.Prompts)
	case b.request.Campaign != "":
		source = b.request.Campaign
		err = b.addCampaign(ctx, draw, b.request.Campaign, draw.addGiven)
	default:
		err = b.addDefault(ctx, draw)
	}
	if err != nil {
		return err
	}
	if len(draw.lines) == 0 {
		return ranking.Errorf(ranking.CodeInvalid, "there is no prompt to train on: all are in a validation split, or %s holds none", source)
	}
	draw.holdOut()
	pinned, err := b.put(ctx, source, draw.write)
	if err != nil {
		return err
	}
	draw.counts.Pinned = *pinned
	b.spec.Prompts = &draw.counts
	return nil
}

// promptSnapshot is the snapshot whose validation split stays out: the one named, else the one the reward model was
// trained on, else the newest, if there is one.
func (b *builder) promptSnapshot(ctx context.Context) error {
	if b.request.Snapshot == "" && b.reward.RunID != nil {
		run, err := b.Store.RunByID(ctx, *b.reward.RunID)
		if err != nil {
			return err
		}
		trained, err := ReadSpec(run.Spec)
		if err != nil {
			return err
		}
		b.spec.Snapshot, b.spec.Data = trained.Snapshot, nil
		if trained.Snapshot != nil {
			return nil
		}
	}
	snapshot, err := b.snapshot(ctx)
	if ranking.ErrorCode(err) == ranking.CodeNotFound && b.request.Snapshot == "" {
		return nil
	}
	b.spec.Snapshot = snapshot
	return err
}

// addDefault takes the prompts that nobody has judged, of the snapshot's campaigns (of all, where there is none),
// then the training split.
func (b *builder) addDefault(ctx context.Context, draw *promptDraw) error {
	campaigns := draw.campaigns
	if len(campaigns) == 0 {
		all, err := b.Store.ListCampaigns(ctx)
		if err != nil {
			return err
		}
		for _, c := range all {
			campaigns = append(campaigns, c.Campaign.Name)
		}
	}
	for _, name := range campaigns {
		if err := b.addCampaign(ctx, draw, name, draw.addUnjudged); err != nil {
			return err
		}
	}
	return draw.addTrain()
}

// addCampaign hands a campaign's prompts to add, in the order they were imported.
func (b *builder) addCampaign(ctx context.Context, draw *promptDraw, name string, add func(store.PromptRow) error) error {
	campaign, err := b.Store.CampaignByName(ctx, name)
	if err != nil {
		return err
	}
	draw.campaign = name
	for after := int64(0); ; {
		page, err := b.Store.PromptPage(ctx, campaign.ID, after, 500)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, row := range page {
			if err := add(row); err != nil {
				return err
			}
			after = row.ID
		}
	}
}

// promptDraw collects the prompts of one run.
type promptDraw struct {
	counts PinnedPrompts
	lines  []promptLine
	taken  map[[32]byte]bool // content of lines

	campaign   string   // whose prompts are being added
	campaigns  []string // of the snapshot, in the order they first come
	train      []promptLine
	trained    map[[32]byte]bool // content of the training split
	validation []promptLine
	barred     map[[32]byte]bool // content, and groups, of the validation split
}

func newPromptDraw() *promptDraw {
	return &promptDraw{taken: map[[32]byte]bool{}, trained: map[[32]byte]bool{}, barred: map[[32]byte]bool{}}
}

// judged takes note of a record of the snapshot.
func (d *promptDraw) judged(r ranking.Record) error {
	if !slices.Contains(d.campaigns, r.Campaign) {
		d.campaigns = append(d.campaigns, r.Campaign)
	}
	line := promptLine{ID: r.PromptID, Messages: r.Messages}
	key := contentKey(r.Messages)
	if r.Split == ranking.SplitValidation {
		if !d.barred[key] {
			d.validation = append(d.validation, line)
		}
		d.barred[key], d.barred[groupKey(r.Campaign, r.Group)] = true, true
		return nil
	}
	if !d.trained[key] {
		d.trained[key] = true
		d.train = append(d.train, line)
	}
	return nil
}

// add takes a prompt unless it is barred or there already.
func (d *promptDraw) add(line promptLine, group string, count *int) error {
	if len(line.Messages) == 0 { // a conversation in which the person has the first word
		return nil
	}
	key := contentKey(line.Messages)
	if d.taken[key] || d.barred[key] || d.barred[groupKey(d.campaign, group)] {
		return nil
	}
	if len(d.lines) == maxPrompts {
		return ranking.Errorf(ranking.CodeTooLarge, "a run takes at most %d prompts; name a smaller campaign or file", maxPrompts)
	}
	d.taken[key] = true
	d.lines = append(d.lines, line)
	if d.trained[key] {
		d.counts.Overlap++
	}
	*count++
	return nil
}

func (d *promptDraw) addGiven(row store.PromptRow) error {
	return d.add(promptLine{ID: row.ExternalID, Messages: row.Messages}, row.Group, &d.counts.Given)
}

func (d *promptDraw) addUnjudged(row store.PromptRow) error {
	if row.Judged > 0 {
		return nil
	}
	return d.add(promptLine{ID: row.ExternalID, Messages: row.Messages}, row.Group, &d.counts.Unjudged)
}

func (d *promptDraw) addTrain() error {
	for _, line := range d.train {
		if err := d.add(line, "", &d.counts.Train); err != nil {
			return err
		}
	}
	return nil
}

// addFile takes the prompts of a prompt set; its responses play no part.
func (d *promptDraw) addFile(file *File) error {
	for line, err := range ranking.ReadPromptSet(file.Name, file.Content, ranking.DefaultPromptSetLimits()) {
		if err != nil {
			return err
		}
		if line.Bad != nil {
			return ranking.Errorf(ranking.CodeInvalid, "%s:%d: %s", file.Name, line.Line, line.Bad)
		}
		if err := d.add(promptLine{ID: line.Prompt.ExternalID, Messages: line.Prompt.Messages}, line.Prompt.Group, &d.counts.Given); err != nil {
			return err
		}
	}
	return nil
}

// holdOut picks the prompts of the sample table: validation prompts, which nothing was trained on. Where there are
// none, a tenth of the run's own prompts is kept from training; a run of fewer than ten shows those it trains on.
func (d *promptDraw) holdOut() {
	held := d.validation[:min(len(d.validation), maxHeldOut)]
	if len(held) == 0 {
		n := min(len(d.lines)/10, maxHeldOut)
		held = slices.Clone(d.lines[len(d.lines)-n:])
		d.lines = d.lines[:len(d.lines)-n]
		if n == 0 {
			held = slices.Clone(d.lines)
		}
	}
	for _, line := range held {
		line.HeldOut = true
		d.lines = append(d.lines, line)
	}
	d.counts.HeldOut = len(held)
}

// write gives the prompts as JSON lines.
func (d *promptDraw) write(w io.Writer) error {
	buffered := bufio.NewWriter(w)
	encoder := json.NewEncoder(buffered)
	for _, line := range d.lines {
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	return buffered.Flush()
}

// contentKey identifies a prompt by what it says.
func contentKey(messages []ranking.Message) [32]byte {
	encoded, err := json.Marshal(messages)
	if err != nil {
		panic(err) // strings only
	}
	return sha256.Sum256(append([]byte("prompt\n"), encoded...))
}

// groupKey identifies a group of prompts, which a split never divides.
func groupKey(campaign, group string) [32]byte {
	return sha256.Sum256([]byte("group\n" + campaign + "\n" + group))
}
