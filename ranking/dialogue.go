package ranking

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"
	"unicode/utf8"
)

// KindDialogue collects conversations: the person writes the user's side, and at each turn ranks, takes, edits or
// replaces what the campaign's model suggests as the assistant's.
const KindDialogue CampaignKind = "dialogue"

// Limits of a conversation.
const (
	DialogueTurnsMax      = 50      // turns: a user message with its reply
	DialogueCharactersMax = 200_000 // of all messages together, the prompt's own included
	SuggestionsMax        = 8       // of one turn; sampling takes the whole processor while somebody waits
)

// DialogueOpening is how conversations on a prompt begin.
type DialogueOpening string

// The openings, as the key "dialogue" of a prompt's metadata names them; whatever else it says, the prompt's last message is
// the first user turn.
const (
	OpeningTurn     DialogueOpening = ""         // the prompt's last message is the first user turn
	OpeningScenario DialogueOpening = "scenario" // it tells the person what to talk about, and is no part of the conversation
	OpeningFree     DialogueOpening = "free"     // it is passed over: the person says what they like
)

// Dialogue is one person's conversation on a task as far as it has come.
type Dialogue struct {
	Opening  []Message // what it begins with; ends in a user turn unless the person has the first word
	Scenario string    // what to talk about, told to the person alone; "" for nothing
	Turns    []DialogueTurn
}

// DialogueTurn is a user message with its reply. Turns are numbered from 1.
type DialogueTurn struct {
	Said      string // by the person as the user; "" where the prompt brings the message
	Drawn     Drawn  // the zero value where nothing was suggested
	Reply     string // the assistant's; "" while there is none
	From      int64  // the suggestion that the reply is, or began as; 0 for none
	Tiers     Tiers  // of suggestions: none, the one taken, or all
	ActiveMS  int64  // of the whole conversation up to here
	RepliedAt time.Time
	Survival  *float64 // the share of the suggestion's words that the reply keeps, 0 to 1; nil where it began as none
}

// SuggestionSeed is the seed of a turn's suggestions: it follows from the campaign's, the task, the person and the turn.
func SuggestionSeed(campaignSeed, taskID, userID int64, turn int) int64 {
	var key [32]byte
	for i, part := range []int64{campaignSeed, taskID, userID, int64(turn)} {
		binary.LittleEndian.PutUint64(key[8*i:], uint64(part))
	}
	sum := sha256.Sum256(key[:])
	return int64(binary.LittleEndian.Uint64(sum[:]) >> 11)
}

// Suggest makes suggestions of what was drawn, in its order: each text once, and none that is empty or cannot be stored.
func Suggest(texts []string, tokens []int, ended []bool) []Suggestion {
	suggestions := []Suggestion{}
	for i, text := range texts {
		known := slices.ContainsFunc(suggestions, func(s Suggestion) bool { return s.Text == text })
		if !known && plainText(text) != "" && storable(text) {
			suggestions = append(suggestions, Suggestion{ID: int64(i + 1), Text: text, Tokens: tokens[i], Ended: ended[i]})
		}
	}
	return suggestions
}

// Drawn is what a model suggested for a turn, with all that is needed to draw it again: the checkpoint, the messages
// before it, and the seed.
type Drawn struct {
	Checkpoint  string       `json:"checkpoint"` // never shown to annotators
	SHA256      string       `json:"sha256"`     // of the checkpoint: its name may come to stand for another
	Seed        int64        `json:"seed"`       // 0 to 2⁵³−1, which every reader of JSON can hold
	K           int          `json:"k"`          // replies drawn
	Trimmed     bool         `json:"trimmed,omitempty"`
	Suggestions []Suggestion `json:"suggestions"` // each text once, and no empty one
}

// Suggestion is one reply that a model drew.
type Suggestion struct {
	ID     int64  `json:"id"` // 1 to K, by the draw that gave it first: the order shown
	Text   string `json:"text"`
	Tokens int    `json:"tokens"`
	Ended  bool   `json:"ended"` // by its end token, and not for want of room
}

// DialogueReply is a reply on its way in.
type DialogueReply struct {
	Turn     int
	Tiers    Tiers  // of suggestions: none, the one taken, or all, best first
	From     int64  // the suggestion that Text began as; 0 for none
	Text     string // "" for From, or for the best one, as it is
	ActiveMS int64
}

// Opening is how conversations on the prompt begin.
func (p Prompt) Opening() DialogueOpening {
	switch opening, _ := p.Metadata["dialogue"].(string); DialogueOpening(opening) {
	case OpeningScenario:
		return OpeningScenario
	case OpeningFree:
		return OpeningFree
	}
	return OpeningTurn
}

// NewDialogue is a conversation on a prompt with the turns there are.
func NewDialogue(p Prompt, turns []DialogueTurn) Dialogue {
	d := Dialogue{Opening: p.Messages, Turns: turns}
	if opening := p.Opening(); opening != OpeningTurn {
		last := len(p.Messages) - 1
		d.Opening = p.Messages[:last]
		if opening == OpeningScenario {
			d.Scenario = p.Messages[last].Content
		}
	}
	return d
}

// Next is the turn at hand, and whether the person speaks as the user now; else the reply is due.
func (d Dialogue) Next() (turn int, says bool) {
	n := len(d.Turns)
	switch {
	case n == 0:
		return 1, len(d.Opening) == 0 || d.Opening[len(d.Opening)-1].Role != "user"
	case d.Turns[n-1].Reply == "":
		return n, false
	}
	return n + 1, true
}

// Step numbers what is due: 2·turn for the person's message as the user, 2·turn+1 for the reply.
func (d Dialogue) Step() int {
	turn, says := d.Next()
	if says {
		return 2 * turn
	}
	return 2*turn + 1
}

// Replies is how many turns have their reply.
func (d Dialogue) Replies() int {
	n := len(d.Turns)
	if n > 0 && d.Turns[n-1].Reply == "" {
		n--
	}
	return n
}

// At is a turn, zero where it has not begun.
func (d Dialogue) At(turn int) DialogueTurn {
	if turn < 1 || turn > len(d.Turns) {
		return DialogueTurn{}
	}
	return d.Turns[turn-1]
}

// Before is the conversation up to and with the user's message of a turn: what its reply answers.
func (d Dialogue) Before(turn int) []Message {
	messages := slices.Clone(d.Opening)
	for n := 1; n <= turn; n++ {
		t := d.At(n)
		if t.Said != "" {
			messages = append(messages, Message{Role: "user", Content: t.Said})
		}
		if n < turn {
			messages = append(messages, Message{Role: "assistant", Content: t.Reply})
		}
	}
	return messages
}

// Full reports whether the conversation has all the turns it may have.
func (d Dialogue) Full() bool { return d.Replies() >= DialogueTurnsMax }

// Say checks a user message for a turn and returns it as it is stored. done is true where the turn has this very message
// already: it was sent twice.
func (d Dialogue) Say(turn int, text string) (said string, done bool, err error) {
	said = plainText(text)
	if err := checkWritten(said); err != nil {
		return "", false, err
	}
	if t := d.At(turn); t.Said != "" && t.Said == said {
		return said, true, nil
	}
	if next, says := d.Next(); turn != next || !says {
		return "", false, movedOn()
	}
	if said == "" {
		return "", false, Errorf(CodeInvalid, "write the message first")
	}
	if d.Full() {
		return "", false, Errorf(CodeInvalid, "a conversation has at most %d turns: end it here", DialogueTurnsMax)
	}
	return said, false, d.room(said)
}

// Answer checks a reply to a turn and returns the turn with it. done is true where the turn has this very reply already.
func (d Dialogue) Answer(in DialogueReply) (answered DialogueTurn, done bool, err error) {
	t := d.At(in.Turn)
	stored := t.Reply
	text, from, tiers, err := t.Drawn.resolve(in)
	if err != nil {
		return t, false, err
	}
	if stored != "" && stored == text && t.From == from && t.Tiers.Equal(tiers) {
		return t, true, nil
	}
	if next, says := d.Next(); in.Turn != next || says {
		return t, false, movedOn()
	}
	if err := d.room(text); err != nil {
		return t, false, err
	}
	t.Reply, t.From, t.Tiers, t.ActiveMS, t.Survival = text, from, tiers, in.ActiveMS, nil
	if from != 0 {
		kept := Survival(t.Drawn.Text(from), text)
		t.Survival = &kept
	}
	return t, false, nil
}

// resolve says what a reply means beside the suggestions: its text, the suggestion it began as, and what is said about
// the others.
func (s Drawn) resolve(in DialogueReply) (text string, from int64, tiers Tiers, err error) {
	text, from, tiers = plainText(in.Text), in.From, in.Tiers
	ids := s.ids()
	if from == 0 && text == "" && len(tiers) > 0 && len(tiers[0]) > 0 {
		from = tiers[0][0]
	}
	if from != 0 && !slices.Contains(ids, from) {
		return "", 0, nil, Errorf(CodeInvalid, "the reply names a suggestion that was not made")
	}
	if len(tiers) == 0 && from != 0 {
		tiers = Tiers{{from}}
	}
	taken := len(tiers) == 1 && len(tiers[0]) == 1 && slices.Contains(ids, tiers[0][0])
	switch {
	case len(tiers) == 0:
		tiers = Tiers{}
	case taken && len(ids) > 1 && from != tiers[0][0]:
		return "", 0, nil, Errorf(CodeInvalid, "rank all the suggestions, or take one as the reply")
	case !taken:
		if err := tiers.Validate(ids); err != nil {
			return "", 0, nil, Errorf(CodeInvalid, "rank all the suggestions, or take one as the reply").WithCause(err)
		}
		if from != 0 && !slices.Contains(tiers[0], from) {
			return "", 0, nil, Errorf(CodeInvalid, "the reply begins as a suggestion that you rank below another: take the best, or write your own")
		}
	}
	if from != 0 && text == "" {
		text = s.Text(from)
	}
	if text == "" {
		return "", 0, nil, Errorf(CodeInvalid, "write the reply first, or take a suggestion")
	}
	for _, other := range s.Suggestions {
		if other.ID != from && plainText(other.Text) == text && plainText(s.Text(from)) != text {
			return "", 0, nil, Errorf(CodeInvalid, "the reply is word for word another suggestion: take that one instead")
		}
	}
	if from != 0 && plainText(s.Text(from)) == text {
		text = s.Text(from) // as it was drawn, white space around it included
	}
	return text, from, tiers, checkWritten(text)
}

// ids are the suggestions in the order shown.
func (s Drawn) ids() []int64 {
	ids := make([]int64, len(s.Suggestions))
	for i, one := range s.Suggestions {
		ids[i] = one.ID
	}
	return ids
}

// Text is a suggestion's, "" where there is no such.
func (s Drawn) Text(id int64) string {
	for _, one := range s.Suggestions {
		if one.ID == id {
			return one.Text
		}
	}
	return ""
}

// room refuses what the conversation has no room for.
func (d Dialogue) room(text string) error {
	characters := utf8.RuneCountInString(text)
	for _, m := range d.Opening {
		characters += utf8.RuneCountInString(m.Content)
	}
	for _, t := range d.Turns {
		characters += utf8.RuneCountInString(t.Said) + utf8.RuneCountInString(t.Reply)
	}
	if characters > DialogueCharactersMax {
		return Errorf(CodeInvalid, "a conversation has at most %d characters: write less, or end it here", DialogueCharactersMax)
	}
	return nil
}

func checkWritten(text string) error {
	if !storable(text) || utf8.RuneCountInString(text) > WrittenMax {
		return Errorf(CodeInvalid, "what you wrote is not valid text or has more than %d characters", WrittenMax)
	}
	return nil
}

func movedOn() *Error {
	return Errorf(CodeConflict, "the conversation has moved on since this page was shown; open it again")
}
