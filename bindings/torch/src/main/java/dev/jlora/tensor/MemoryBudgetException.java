package dev.jlora.tensor;

/** An allocation would exceed the budget set by {@link TensorMemory#budget(long)}. */
public final class MemoryBudgetException extends TorchException {
  private static final long serialVersionUID = 1L;

  MemoryBudgetException(String message) {
    super(message);
  }
}
