// Command decoder is Rankloop's side of interop/logits.py and interop/lora.py: it
// reads a model folder, an adapter on it, and sequences of tokens, and writes what
// the decoder makes of them.
//
//	decoder FOLDER SEQUENCES.json OUT.safetensors EXPORT [ADAPTER]
//
// SEQUENCES.json is a list of lists of token ids. OUT gets, of a language model,
// logits.I[T,V] of each sequence and the gradient of the mean cross-entropy of
// every next token, as grad.NAME; of a scalar one, scores.I[T], and with an
// adapter the gradient of their mean. EXPORT is a new folder with the checkpoint
// as Rankloop saves it.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"rankloop/model"
)

func main() {
	if len(os.Args) != 5 && len(os.Args) != 6 {
		fmt.Fprintln(os.Stderr, "usage: decoder FOLDER SEQUENCES.json OUT.safetensors EXPORT [ADAPTER]")
		os.Exit(2)
	}
	adapter := ""
	if len(os.Args) == 6 {
		adapter = os.Args[5]
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3], os.Args[4], adapter); err != nil {
		fmt.Fprintln(os.Stderr, "decoder:", err)
		os.Exit(1)
	}
}

func run(folder, sequencesFile, outFile, export, adapter string) error {
	checkpoint, err := model.LoadCheckpoint(os.DirFS(folder))
	if err != nil {
		return err
	}
	data, err := os.ReadFile(sequencesFile)
	if err != nil {
		return err
	}
	var sequences [][]int32
	if err := json.Unmarshal(data, &sequences); err != nil {
		return err
	}
	var batch model.Batch
	longest := 0
	for _, tokens := range sequences {
		batch.Tokens = append(batch.Tokens, tokens...)
		batch.Lengths = append(batch.Lengths, len(tokens))
		longest = max(longest, len(tokens))
	}
	w, rank := checkpoint.Weights, 0
	if adapter != "" {
		if checkpoint, err = checkpoint.WithAdapter(os.DirFS(adapter)); err != nil {
			return err
		}
		w, rank = w.Attach(checkpoint.Adapter), checkpoint.Adapter.LoRA.Rank
	}
	p := model.NewPass(w.Config, len(batch.Tokens), len(sequences), longest, model.Adapters(rank))
	p.Forward(w, batch)
	var out []model.Tensor
	if w.Config.Head == model.Scalar {
		out = scores(p, batch)
		if adapter != "" {
			out = append(out, scoreGradient(p, batch, w)...)
		}
	} else {
		out = append(logits(p, batch, w.Config.Vocab), gradient(p, batch, w)...)
	}
	file, err := os.Create(outFile)
	if err != nil {
		return err
	}
	if err := model.WriteSafetensors(file, out, model.F32, nil); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return checkpoint.SaveFolder(export, model.F32)
}

func logits(p *model.Pass, batch model.Batch, vocab int) []model.Tensor {
	var out []model.Tensor
	at := 0
	for i, length := range batch.Lengths {
		t := model.Tensor{Name: fmt.Sprint("logits.", i), Shape: []int{length, vocab}, Data: make([]float32, length*vocab)}
		for row := range length {
			p.Logits(t.Data[row*vocab:(row+1)*vocab], at)
			at++
		}
		out = append(out, t)
	}
	return out
}

func gradient(p *model.Pass, batch model.Batch, w *model.Weights) []model.Tensor {
	n := len(batch.Tokens)
	targets, dlogp := make([]int32, n), make([]float32, n)
	at, predicted := 0, n-len(batch.Lengths)
	for _, length := range batch.Lengths {
		for row := range length {
			targets[at] = -1
			if row+1 < length {
				targets[at], dlogp[at] = batch.Tokens[at+1], -1/float32(predicted)
			}
			at++
		}
	}
	grad := w.NewGradient()
	p.LogProbs(targets, make([]float32, n), nil)
	p.BackwardLogProbs(dlogp, grad)
	return named(grad)
}

// scoreGradient is that of the mean of all scores.
func scoreGradient(p *model.Pass, batch model.Batch, w *model.Weights) []model.Tensor {
	d := make([]float32, len(batch.Tokens))
	for i := range d {
		d[i] = 1 / float32(len(d))
	}
	grad := w.NewGradient()
	p.BackwardScalars(d, grad)
	return named(grad)
}

func named(grad *model.Weights) []model.Tensor {
	var out []model.Tensor
	for _, t := range grad.Tensors() {
		t.Name = "grad." + t.Name
		out = append(out, t)
	}
	return out
}

func scores(p *model.Pass, batch model.Batch) []model.Tensor {
	all := make([]float32, len(batch.Tokens))
	p.Scalars(all)
	var out []model.Tensor
	for i, length := range batch.Lengths {
		out = append(out, model.Tensor{Name: fmt.Sprint("scores.", i), Shape: []int{length}, Data: all[:length]})
		all = all[length:]
	}
	return out
}
