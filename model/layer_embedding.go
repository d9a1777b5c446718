package model

import "rankloop/model/kernel"

// embed writes the token embedding of every token to out[N,C], plus the position
// embedding where positions are learned. Positions count from 0 in each sequence.
func embed(out []float32, w *Weights, b Batch) {
	dim, n := w.Config.Dim, 0
	for _, length := range b.Lengths {
		for position := range length {
			row := out[n*dim : (n+1)*dim]
			copy(row, tokenRow(w.tokens, b.Tokens[n], dim))
			if w.positions != nil {
				kernel.Axpy(row, 1, w.positions[position*dim:(position+1)*dim])
			}
			n++
		}
	}
}

// embedBackward adds dout[N,C] to the embeddings that embed read, in the order
// of the tokens.
func embedBackward(grad *Weights, b Batch, dout []float32) {
	dim, n := grad.Config.Dim, 0
	for _, length := range b.Lengths {
		for position := range length {
			row := dout[n*dim : (n+1)*dim]
			kernel.Axpy(tokenRow(grad.tokens, b.Tokens[n], dim), 1, row)
			if grad.positions != nil {
				kernel.Axpy(grad.positions[position*dim:(position+1)*dim], 1, row)
			}
			n++
		}
	}
}

func tokenRow(table []float32, token int32, dim int) []float32 {
	return table[int(token)*dim : (int(token)+1)*dim]
}
