package ranking

import (
	"encoding/json"
	"io"
)

// sftRow is a line of a prompt set whose one response is the reply to learn: what `train sft --data` takes, and `import`.
type sftRow struct {
	ID        string         `json:"id"`
	Messages  []Message      `json:"messages"`
	Responses []sftReply     `json:"responses"`
	Group     string         `json:"group"`
	Metadata  map[string]any `json:"metadata,omitempty"`
}

type sftReply struct {
	Text  string `json:"text"`
	Model string `json:"model"`
}

// ReplyToLearn is the reply of a demonstration, or of a turn of a dialogue, whoever wrote it, as its model tells. Other
// judgments hold none: ok is false.
func (r *Record) ReplyToLearn() (reply RecordResponse, ok bool) {
	switch {
	case r.Kind == KindDemonstration:
		return r.Responses[r.Tiers[0][0]], true
	case r.Dialogue != nil:
		return r.Responses[r.Dialogue.Reply], true
	}
	return RecordResponse{}, false
}

// sftWriter writes one row for each reply to learn; other judgments are passed over.
type sftWriter struct{ encoder *json.Encoder }

func newSFTWriter(w io.Writer) rowWriter { return &sftWriter{newLineEncoder(w)} }

func (s *sftWriter) write(r *Record) (rows, tiesOmitted int, err error) {
	reply, ok := r.ReplyToLearn()
	if !ok {
		return 0, 0, nil
	}
	return 1, 0, s.encoder.Encode(sftRow{
		ID: r.PromptID, Messages: r.Messages, Responses: []sftReply{{reply.Text, reply.Model}}, Group: r.Group, Metadata: r.Metadata,
	})
}

func (s *sftWriter) flush() error { return nil }
