package views

import (
	"context"
	"fmt"
	"strings"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views/plot"
)

// OptimisationChart draws proxy and gold over √KL, in standard deviations from the mean of the reference's replies.
func OptimisationChart(ctx context.Context, c ranking.OptimisationCurve) plot.Chart {
	chart := plot.Chart{
		Title: i18n.T(ctx, "evaluations.curve_chart"),
		X:     plot.Axis{Label: i18n.T(ctx, "evaluations.curve_x")}, Y: plot.Axis{Label: i18n.T(ctx, "evaluations.curve_y")},
	}
	add := func(key string, colour int, scale *ranking.Scale, points []ranking.OptimisationPoint, dashed bool, of func(ranking.OptimisationPoint) *ranking.Mean) {
		series := plot.Series{Name: i18n.T(ctx, "evaluations."+key), Joined: true, Dashed: dashed, Colour: colour}
		for _, p := range points {
			mean := of(p)
			if mean == nil || scale == nil {
				continue
			}
			point := plot.Point{X: p.RootKL, Y: scale.Standard(mean.Value), Title: fmt.Sprintf("%s: %.3f", curveName(ctx, p), mean.Value)}
			if mean.Interval != nil {
				point.Interval = &[2]float64{scale.Standard(mean.Interval[0]), scale.Standard(mean.Interval[1])}
			}
			series.Points = append(series.Points, point)
		}
		if len(series.Points) > 0 {
			chart.Series = append(chart.Series, series)
		}
	}
	proxy := func(p ranking.OptimisationPoint) *ranking.Mean { return &p.Proxy }
	gold := func(p ranking.OptimisationPoint) *ranking.Mean { return p.Gold }
	if len(c.Checkpoints) > 1 { // more than the reference
		add("curve_proxy", 0, &c.ProxyScale, c.Checkpoints, false, proxy)
		add("curve_gold", 1, c.GoldScale, c.Checkpoints, false, gold)
	}
	add("curve_proxy_best", 0, &c.ProxyScale, c.BestOf, true, proxy)
	add("curve_gold_best", 1, c.GoldScale, c.BestOf, true, gold)
	return chart
}

// curveName is what a point of the curve is called.
func curveName(ctx context.Context, p ranking.OptimisationPoint) string {
	if p.N > 0 {
		return i18n.T(ctx, "evaluations.best_of", fmt.Sprint(p.N))
	}
	return p.Name
}

// meanCell writes a mean that may be missing, with its interval.
func meanCell(m *ranking.Mean) string {
	switch {
	case m == nil:
		return "–"
	case m.Interval == nil:
		return minus(fmt.Sprintf("%.2f", m.Value))
	}
	return minus(fmt.Sprintf("%.2f (%.2f … %.2f)", m.Value, m.Interval[0], m.Interval[1]))
}

// minus writes negative numbers with a minus sign.
func minus(text string) string { return strings.ReplaceAll(text, "-", "−") }

// winsCell writes how often people preferred a policy's replies.
func winsCell(s *ranking.Share) string {
	if s == nil {
		return "–"
	}
	return fmt.Sprintf("%.1f %% (%.1f … %.1f)", 100*s.Value, 100*s.Interval[0], 100*s.Interval[1])
}

func optionalShare(x *float64) string {
	if x == nil {
		return ""
	}
	return percent(*x)
}

func optionalMean(x *float64) string {
	if x == nil {
		return ""
	}
	return fmt.Sprintf("%.1f", *x)
}
