package dev.jlora.io;

import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** An open file of named tensors. */
public interface TensorFile extends AutoCloseable {

  Path path();

  /** The names of the tensors. */
  Set<String> names();

  /** The shape of a tensor; a {@link FormatException} if there is none with this name. */
  List<Long> shape(String name);

  /**
   * A tensor on the host, owned by the current scope, valid until this file is closed; a {@link
   * FormatException} if there is none with this name.
   */
  Tensor tensor(String name);

  @Override
  void close();
}
