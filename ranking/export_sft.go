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

// sftWriter writes one row for each demonstration and for each turn of a dialogue: its reply, whoever wrote it, as the model
// tells. Other judgments hold no reply to learn and are passed over.
type sftWriter struct{ encoder *json.Encoder }

func newSFTWriter(w io.Writer) rowWriter { return &sftWriter{newLineEncoder(w)} }

func (s *sftWriter) write(r *Record) (rows, tiesOmitted int, err error) {
	var reply RecordResponse
	switch {
	case r.Kind == KindDemonstration:
		reply = r.Responses[r.Tiers[0][0]]
	case r.Dialogue != nil:
		reply = r.Responses[r.Dialogue.Reply]
	default:
		return 0, 0, nil
	}
	return 1, 0, s.encoder.Encode(sftRow{
		ID: r.PromptID, Messages: r.Messages, Responses: []sftReply{{reply.Text, reply.Model}}, Group: r.Group, Metadata: r.Metadata,
	})
}

func (s *sftWriter) flush() error { return nil }
