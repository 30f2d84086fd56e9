package dev.jlora.autograd;

import dev.jlora.ops.Ops;
import dev.jlora.ops.Products;
import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import org.jspecify.annotations.Nullable;

/**
 * x with a x = b, for a [..., n, n] and b [..., n, k]. With the gradient g of x, the gradient of b
 * is y with a^T y = g, and that of a is -y x^T.
 */
record Solve() implements Function {
  /** Without a check of the result, for which a GPU would have to be waited for. */
  private static final Operator SOLVE = Operator.of("aten::_linalg_solve_ex");

  private static final int RESULTS = 4; // the solution, the LU decomposition, pivots, a code

  @Override
  public Tensor forward(Context context, @Nullable Tensor... inputs) {
    Tensor x = solve(inputs[0], inputs[1]);
    context.save(inputs[0], context.needs(0) ? x : null);
    return x;
  }

  private static Tensor solve(Tensor a, Tensor b) {
    return SOLVE.many(RESULTS, a, b, true, false)[0];
  }

  @Override
  public @Nullable Tensor[] backward(Context context, Tensor g) {
    Tensor y = solve(Views.transpose(context.saved(0), -2, -1), g);
    Tensor[] gradients = {null, context.needs(1) ? y : null};
    if (context.needs(0)) {
      Tensor x = context.saved(1);
      gradients[0] = Ops.neg(Products.matmul(y, Views.transpose(x, -2, -1)));
    }
    return gradients;
  }

  @Override
  public String name() {
    return "solve";
  }
}
