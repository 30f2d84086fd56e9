package dev.jlora.cuda.blas;

import java.util.List;

/** One call of cuBLAS. */
public sealed interface Step permits Gemm, Grouped {
  /** The products that it makes. */
  List<Gemm> products();
}
