package content

import (
	"testing"
	"time"
)

// renderTimeMax is far more processor time than any text takes, and far less than a parser takes that is not held to
// limits; the race detector slows both down.
const renderTimeMax = 3 * time.Second

// BenchmarkNineAnswers renders what a ranking page with nine responses of 2 kB shows. Its figure in processor time counts
// where the machine does other things too.
func BenchmarkNineAnswers(b *testing.B) {
	for _, c := range []struct{ name, text string }{{"prose", prose}, {"markdown", answer}, {"code", codeAnswer}, {"mathematics", mathAnswer}} {
		b.Run(c.name, func(b *testing.B) {
			text := c.text
			for len(text) < 2000 {
				text += "\n\n" + c.text
			}
			text = text[:2000]
			b.SetBytes(9 * int64(len(text)))
			b.ReportAllocs()
			start := processTime()
			for b.Loop() {
				for range 9 {
					Render(text)
				}
			}
			b.ReportMetric(float64((processTime()-start).Nanoseconds())/1e6/float64(b.N), "cpu-ms/op")
		})
	}
}

const prose = "Flat loaves from the fridge usually mean one of two things: the dough was under-fermented before it went in, or it lost its shape because there was no tension."

const answer = "Three likely causes, most likely **first**:\n\n1. **Weak starter.** It should double within 4–6 hours; see [here](https://example.org).\n2. *Too long* a proof, at `5 °C`.\n\n| Cause | Sign |\n|---|---|\n| starter | no bubbles |\n| proof | spreads |\n\n```python\nfor i in range(10):\n    print(i)  # one by one\n```\n"

const codeAnswer = "```python\ndef f(x: int) -> str:\n    \"\"\"Doc.\"\"\"\n    for i in range(10):\n        print(f'hello {i}')  # greet\n    return None\n```\n"

const mathAnswer = "The roots are $x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}$, so\n\n$$\n\\sum_{i=1}^n i = \\frac{n(n+1)}{2}\n$$\n"
