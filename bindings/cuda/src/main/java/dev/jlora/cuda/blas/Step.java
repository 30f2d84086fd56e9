package dev.jlora.cuda.blas;

import java.util.List;

/** One cuBLAS call. */
public sealed interface Step permits Gemm, Grouped {
  /** The products that it computes. */
  List<Gemm> products();
}
