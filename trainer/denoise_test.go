package trainer

import (
	"iter"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rankloop/model/tokenizer"
	"rankloop/ranking"
)

func testDenoiser(t *testing.T, config DenoiseConfig) *denoiser {
	t.Helper()
	d, err := newDenoiser(testTokenizer, config)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestDenoisedItems: the text is predicted whole after its corrupted form, which has lost what it should and nothing else.
func TestDenoisedItems(t *testing.T) {
	special := testDenoiser(t, DenoiseConfig{})
	rapid.Check(t, func(r *rapid.T) {
		d := testDenoiser(t, DenoiseConfig{
			CorruptShare: rapid.Float64Range(0.01, 0.9).Draw(r, "share"), SpanTokens: rapid.Float64Range(1, 9).Draw(r, "span"),
		})
		content := rapid.StringOfN(rapid.RuneFrom([]rune("abc .?\n。")), 1, 60, -1).Draw(r, "content")
		body := testTokenizer.Encode(content)
		text := body
		if rapid.Bool().Draw(r, "ends") {
			text = append(slices.Clone(body), d.document)
		}
		asked := rapid.IntRange(partMasks, partSpans).Draw(r, "part")
		random := newStream(int64(rapid.IntRange(0, 1000).Draw(r, "seed")), "test")
		it, part := d.item(asked, text, random)

		if it.tokens[0] != d.document || it.tokens[it.from-1] != d.separator || !slices.Equal(it.tokens[it.from:], text) {
			r.Fatalf("%v from %d is not %v", it.tokens, it.from, text)
		}
		corrupted := it.tokens[1 : it.from-1]
		masks := 0
		for _, id := range corrupted {
			if id == d.mask {
				masks++
			}
		}
		switch part {
		case partMasks:
			if asked == partSpans || len(corrupted) != len(body) || masks == 0 {
				r.Fatalf("%v with masks is %v", body, corrupted)
			}
			for i, id := range corrupted {
				if id != body[i] && id != d.mask {
					r.Fatalf("%v with masks is %v", body, corrupted)
				}
			}
		case partSentences:
			if slices.Equal(corrupted, body) && strings.Trim(content, string(content[0])) != "" && !repeats(special, body) {
				r.Fatalf("%q stays as it is", content)
			}
			a, b := slices.Clone(corrupted), slices.Clone(body)
			slices.Sort(a)
			slices.Sort(b)
			if !slices.Equal(a, b) || masks > 0 {
				r.Fatalf("%v permuted is %v", body, corrupted)
			}
		case partSpans:
			noise := min(max(1, int(math.Round(d.config.CorruptShare*float64(len(body))))), max(1, len(body)-1))
			spans := min(max(1, int(math.Round(float64(noise)/d.config.SpanTokens))), noise, len(body)-noise+1)
			if masks != max(1, spans) || len(corrupted)-masks != len(body)-noise {
				r.Fatalf("%d spans with %d of %v left %v", spans, noise, body, corrupted)
			}
			if !spells(body, corrupted, d.mask) {
				r.Fatalf("%v is not %v with its spans filled in", body, corrupted)
			}
		}
	})
}

// repeats says whether sentences of a text are equal, so that another order may be the same text.
func repeats(d *denoiser, text []int32) bool {
	var sentences [][]int32
	begun := 0
	for i, id := range text {
		if d.endsSentence(id) || i == len(text)-1 {
			sentences = append(sentences, text[begun:i+1])
			begun = i + 1
		}
	}
	for i, a := range sentences {
		for _, b := range sentences[:i] {
			if slices.Equal(a, b) {
				return true
			}
		}
	}
	return false
}

// spells says whether each mask can stand for one token or more so that corrupted becomes text.
func spells(text, corrupted []int32, mask int32) bool {
	reach := map[int]bool{0: true} // of text, by what was read of corrupted
	for _, id := range corrupted {
		next := map[int]bool{}
		for at := range reach {
			if id == mask {
				for to := at + 1; to <= len(text); to++ {
					next[to] = true
				}
			} else if at < len(text) && text[at] == id {
				next[at+1] = true
			}
		}
		reach = next
	}
	return reach[len(text)]
}

func TestCompositionIsUniform(t *testing.T) {
	random := newStream(1, "test")
	counts := map[[3]int]int{}
	const draws = 9000
	for range draws {
		parts := composition(5, 3, random)
		counts[[3]int(parts)]++
	}
	const ways = 6 // C(4, 2)
	if len(counts) != ways {
		t.Fatalf("%d ways to divide 5 into 3: %v", len(counts), counts)
	}
	var chi2 float64
	for _, n := range counts {
		chi2 += math.Pow(float64(n)-draws/ways, 2) / (draws / ways)
	}
	if chi2 > 20.5 { // 5 degrees of freedom, p = 0.001
		t.Errorf("χ² is %.1f: %v", chi2, counts)
	}
}

// TestMixtureShares: windows belong to the parts as the weights say, and which one is a function of seed and number alone.
func TestMixtureShares(t *testing.T) {
	in := Inputs{Base: tinyBase(1), Text: lines}
	run := open(t, KindPretrain, 3, in, "denoise_share=0.6", "denoise_masks=1", "denoise_sentences=0", "denoise_spans=2", "context=16").(*pretrainRun)
	const n = 3000
	_, parts, err := run.windows(0, n)
	if err != nil {
		t.Fatal(err)
	}
	var counts [partCount]float64
	for _, part := range parts {
		counts[part]++
	}
	for part, want := range [partCount]float64{0.4, 0.2, 0, 0.4} {
		if sd := math.Sqrt(n * want * (1 - want)); math.Abs(counts[part]-want*n) > 4*sd {
			t.Errorf("part %d has %v of %d windows, want %v", part, counts[part], n, want*n)
		}
	}
	for i, part := range parts[:50] {
		if again := run.noise.draw(newStream(3, "denoising", uint64(i))); again != part {
			t.Fatalf("window %d was of part %d, and then of %d", i, part, again)
		}
	}
}

// TestMixtureLoss: the loss is the mean over all predicted tokens, which are the original's alone in denoised windows; the
// losses of the parts make it up; and the gradient is that of the loss.
func TestMixtureLoss(t *testing.T) {
	in := Inputs{Base: tinyBase(1), Text: func(uint64) iter.Seq[string] { return slices.Values([]string{"a b. c! d e f? no. yes."}) }}
	sets := []string{"steps=2", "batch_windows=16", "context=24", "denoise_share=0.7", "packing=windows", "weight_decay=0", "clip_norm=0"}
	run := open(t, KindPretrain, 5, in, sets...).(*pretrainRun)
	batch, parts, err := open(t, KindPretrain, 5, in, sets...).(*pretrainRun).windows(0, 16)
	if err != nil {
		t.Fatal(err)
	}
	var sums, predicted [partCount]float64
	for i, it := range batch {
		for at := it.from; at < len(it.tokens); at++ {
			sums[parts[i]] -= logProbOf(in.Base, it.tokens[:at], it.tokens[at])
			predicted[parts[i]]++
		}
	}
	report := advance(t, run)
	var sum, count float64
	for part, name := range []string{metricNextLoss, metricMasksLoss, metricSentencesLoss, metricSpansLoss} {
		if predicted[part] == 0 {
			t.Fatalf("the batch has no window of part %d: %v", part, parts)
		}
		if got := report.Metrics[name]; math.Abs(got-sums[part]/predicted[part]) > 1e-4 {
			t.Errorf("%s is %v, want %v", name, got, sums[part]/predicted[part])
		}
		sum, count = sum+sums[part], count+predicted[part]
	}
	if got := report.Metrics[metricLoss]; math.Abs(got-sum/count) > 1e-4 {
		t.Errorf("the loss is %v, want %v", got, sum/count)
	}

	// The gradient that the step took, against differences of the loss along it.
	grad := run.net.grad
	length := norm(grad.Data)
	const h = 2e-2
	moved := func(by float64) float64 {
		w := in.Base.Weights.Clone()
		for i := range w.Data {
			w.Data[i] += float32(by * float64(grad.Data[i]) / length)
		}
		return run.engine.crossEntropy(w, nil, batch, 1)
	}
	if slope := (moved(h) - moved(-h)) / (2 * h); math.Abs(slope/length-1) > 0.01 {
		t.Errorf("the loss rises by %v along a gradient of norm %v", slope, length)
	}
}

// TestDenoisingNeedsRoom: a window that no denoised text fits, and a mixture of nothing, are refused.
func TestDenoisingNeedsRoom(t *testing.T) {
	spec := Spec{Kind: KindPretrain, Config: resolve(t, KindPretrain, "denoise_share=0.5", "context=4")}
	if _, err := Open(spec, Inputs{Base: tinyBase(1), Text: lines}); ranking.ErrorCode(err) != ranking.CodeInvalid {
		t.Errorf("windows of 4 tokens: %v", err)
	}
	sets := []string{"denoise_share=0.5", "denoise_masks=0", "denoise_sentences=0", "denoise_spans=0"}
	if _, err := ResolveConfig(KindPretrain, "", sets, nil); ranking.ErrorCode(err) != ranking.CodeInvalid {
		t.Errorf("nothing to denoise: %v", err)
	}
}

// TestMaskWithoutPadding: where a tokenizer has no padding token, the mask is another token than document and separator.
func TestMaskWithoutPadding(t *testing.T) {
	vocabulary, err := tokenizer.Train(slices.Values([]string{"a b c"}), 300, []string{tokenizer.DocumentToken, tokenizer.TurnStartToken, tokenizer.TurnEndToken})
	if err != nil {
		t.Fatal(err)
	}
	d, err := newDenoiser(vocabulary, DenoiseConfig{})
	if err != nil || d.mask == d.document || d.mask == d.separator || d.separator == d.document {
		t.Errorf("%+v, %v", d, err)
	}
}
