package dev.jlora.model.layers;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.LibtorchAutograd;
import dev.jlora.autograd.Tape;
import dev.jlora.model.Init;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.runtime.Precision;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * Adds learned positions to the patches of an image and to the class token before them: [B, 1 +
 * patches, width] to the same shape. The positions are a grid; for an image of another size they
 * are interpolated (bicubic), as by transformers' {@code interpolate_pos_encoding}.
 *
 * @param name of the parameter [1, 1 + rows * columns, width]
 * @param rows number of patch rows in an image of the model's own size
 * @param columns number of patch columns
 * @param patch size of a patch, in pixels
 * @param interpolate whether images of other sizes are accepted; otherwise they are rejected
 * @param images the model's input that determines the size of the images
 */
public record GridPositions(
    String name,
    long width,
    long rows,
    long columns,
    long patch,
    boolean interpolate,
    String images,
    Init init)
    implements Layer {
  private static final Operator BICUBIC = Operator.of("aten::upsample_bicubic2d");

  @Override
  public List<ParameterSpec> parameters() {
    return List.of(ParameterSpec.weight(name, List.of(1L, 1 + rows * columns, width), init));
  }

  @Override
  public Module build(Assembly assembly) {
    Parameter table = assembly.parameter(name);
    return (x, pass) -> {
      Tensor pixels = pass.require(images);
      long down = pixels.size(2) / patch;
      long across = pixels.size(3) / patch;
      Tensor positions = pass.value(table);
      if (down != rows || across != columns) {
        requireInterpolation(pixels);
        positions = resized(pass.tape(), positions, down, across);
      }
      return Functions.add(pass.tape(), x, Precision.cast(pass, positions, x.dtype()));
    };
  }

  private void requireInterpolation(Tensor pixels) {
    if (!interpolate) {
      throw new ModelException(
          ("%s: got images of %d x %d pixels, expected %d x %d;"
                  + " resize them, or let the model interpolate its positions")
              .formatted(images, pixels.size(2), pixels.size(3), rows * patch, columns * patch));
    }
  }

  private Tensor resized(Tape tape, Tensor table, long down, long across) {
    Tensor first = Functions.slice(tape, table, 1, 0, 1);
    Tensor rest = Functions.slice(tape, table, 1, 1, 1 + rows * columns);
    Tensor grid =
        Functions.permute(tape, Functions.reshape(tape, rest, 1, rows, columns, width), 0, 3, 1, 2);
    long[] size = {down, across};
    Tensor fitted =
        tape.apply(
            new LibtorchAutograd(
                "upsample_bicubic2d", in -> BICUBIC.one(in[0], size, false, null, null)),
            grid);
    Tensor list =
        Functions.reshape(
            tape, Functions.permute(tape, fitted, 0, 2, 3, 1), 1, down * across, width);
    return Functions.cat(tape, 1, first, list);
  }
}
