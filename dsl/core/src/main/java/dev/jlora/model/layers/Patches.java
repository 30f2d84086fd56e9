package dev.jlora.model.layers;

import dev.jlora.autograd.Functions;
import dev.jlora.model.ModelException;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Splits images into patches, row by row: [B, channels, h, w] to [B, patches, width].
 *
 * @param channels of an image
 * @param size of a patch, in pixels; a remainder at the right and at the bottom is ignored
 * @param projection from [B, channels, h, w] to [B, width, h / size, w / size]: a convolution
 */
public record Patches(long channels, long size, Layer projection) implements Layer {
  @Override
  public List<Layer> parts() {
    return List.of(projection);
  }

  @Override
  public Module build(Assembly assembly) {
    Module patches = assembly.build(projection);
    return (images, pass) -> {
      check(images);
      Tensor grid = patches.forward(images, pass);
      Tensor flat =
          Functions.reshape(
              pass.tape(), grid, grid.size(0), grid.size(1), grid.size(2) * grid.size(3));
      return Functions.transpose(pass.tape(), flat, 1, 2);
    };
  }

  private void check(Tensor images) {
    if (images.rank() != 4 || images.elements() == 0 || !images.dtype().floating()) {
      throw new ModelException(
          "images: got %s %s, expected floating [batch, %d, height, width]"
              .formatted(images.dtype(), Arrays.toString(images.shape()), channels));
    }
    if (images.size(1) != channels || images.size(2) < size || images.size(3) < size) {
      throw new ModelException(
          ("images: got shape %s, expected %d channels and %d x %d pixels or more:"
                  + " check preprocessor_config.json against the model's config.json")
              .formatted(Arrays.toString(images.shape()), channels, size, size));
    }
  }
}
