package dev.jlora.kernels;

/**
 * The difference of GELU and its derivative from a step function, as curves over a = |x| that decay
 * to zero:
 *
 * <pre>{@code
 * gelu(x)  = max(x, 0) - h(a)           h(a) = a P(-a)           = (a / 2) / D(a)
 * gelu'(x) = step(x) + sign(x) v(a)     v(a) = a P'(a) - P(-a)   = (slope a - 1 / 2) / D(a)
 * }</pre>
 *
 * <p>P(x) is the normal distribution, or 1 / (1 + e^-2u) with u = sqrt(2 / pi) (x + 0.044715 x^3)
 * for the tanh approximation. D(a) is (1 + d(a))^8 and d a polynomial of degree 10 without a
 * constant term, so that no exponential is needed (after Abramowitz and Stegun, "Handbook of
 * Mathematical Functions", 7.1.28, where a sixteenth power gives the error function) and both
 * curves are exact at 0.
 *
 * <p>The coefficients are minimax fits to the absolute error: 1.3e-9 for the exact form, 1.1e-8 for
 * the tanh approximation, 5e-9 and 2.5e-8 for their derivatives. Float rounding is larger: up to
 * 6e-8 for x below 0, plus half a unit in the last place for x above, 1.3e-7 in the derivatives.
 * Results of that magnitude, say for x below -5, have few correct digits.
 *
 * @param slope of v: 1 / 2 over its root
 * @param c1 the factor of a in d; likewise the others, of its powers
 */
record GeluCurve(
    float slope,
    float c1,
    float c2,
    float c3,
    float c4,
    float c5,
    float c6,
    float c7,
    float c8,
    float c9,
    float c10) {

  /**
   * Beyond this, D exceeds the range of a float and the curves are 0; infinity is clamped to it.
   */
  private static final float END = 64;

  private static final GeluCurve EXACT =
      new GeluCurve(
          0.5f,
          0.09973544f,
          0.044763874f,
          0.008668739f,
          0.00086478615f,
          0.00020302954f,
          6.133693e-05f,
          -1.2647195e-05f,
          4.71775e-06f,
          -6.3661486e-07f,
          5.955876e-08f);

  private static final GeluCurve TANH =
      new GeluCurve(
          0.5f,
          0.09973483f,
          0.04477068f,
          0.008559631f,
          0.00084141374f,
          0.0001482936f,
          9.650176e-05f,
          -1.0092724e-05f,
          1.1150811e-05f,
          -2.901301e-06f,
          3.564105e-07f);

  private static final GeluCurve EXACT_DERIVATIVE =
      new GeluCurve(
          0.665078f,
          0.033201627f,
          0.049123835f,
          0.0063855713f,
          6.9421e-05f,
          0.00048376963f,
          -3.9898765e-05f,
          6.416358e-06f,
          1.6776663e-06f,
          -3.4531288e-07f,
          4.1045627e-08f);

  private static final GeluCurve TANH_DERIVATIVE =
      new GeluCurve(
          0.6644859f,
          0.033349514f,
          0.04932617f,
          0.0063392483f,
          -0.00014890305f,
          0.00056150154f,
          -0.00019630726f,
          0.00010196406f,
          -1.5405662e-05f,
          4.184248e-07f,
          1.5378664e-07f);

  /** The curve h of the tanh approximation or of the exact form. */
  static GeluCurve of(boolean tanh) {
    return tanh ? TANH : EXACT;
  }

  /** The curve v, likewise. */
  static GeluCurve derivativeOf(boolean tanh) {
    return tanh ? TANH_DERIVATIVE : EXACT_DERIVATIVE;
  }

  /** x = gelu(x), for a curve h; NaN and infinity are preserved, -infinity gives 0. */
  void apply(float[] x, int length) {
    for (int i = 0; i < length; i++) {
      float a = Math.min(Math.abs(x[i]), END);
      x[i] = Math.max(x[i], 0f) - slope * a / power(a);
    }
  }

  /** g = g gelu'(x), for a curve v. */
  void multiply(float[] g, float[] x, int length) {
    for (int i = 0; i < length; i++) {
      float a = Math.min(Math.abs(x[i]), END);
      float sign = Math.signum(x[i]);
      float beyond = Math.fma(slope, a, -0.5f) / power(a);
      g[i] *= Math.fma(sign, beyond, Math.fma(sign, 0.5f, 0.5f));
    }
  }

  /**
   * Computes D. The polynomial is split in two halves, whose dependency chains run in parallel. (1
   * + d)^2 - 1 = d (2 + d) is computed from d rather than 1 + d, so that a small d keeps its
   * digits.
   */
  private float power(float a) {
    float square = a * a;
    float odd = Math.fma(c9, square, c7);
    odd = Math.fma(odd, square, c5);
    odd = Math.fma(odd, square, c3);
    odd = Math.fma(odd, square, c1);
    float even = Math.fma(c10, square, c8);
    even = Math.fma(even, square, c6);
    even = Math.fma(even, square, c4);
    even = Math.fma(even, square, c2);
    float d = Math.fma(even, a, odd) * a;
    d = Math.fma(d, d, d + d);
    d = Math.fma(d, d, d + d);
    return Math.fma(d, d, Math.fma(2f, d, 1f));
  }
}
