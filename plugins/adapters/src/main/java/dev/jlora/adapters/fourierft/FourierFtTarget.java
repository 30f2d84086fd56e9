package dev.jlora.adapters.fourierft;

import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.OwnParameters;
import dev.jlora.peft.Start;
import java.util.List;

/**
 * A module whose weight FourierFT changes, with its coefficients [count].
 *
 * @param zeros whether the coefficients start at zero instead of standard normal values
 */
record FourierFtTarget(TargetModule module, Locations locations, double scaling, boolean zeros)
    implements AdapterTarget {
  static final String SPECTRUM = "fourierft_spectrum";

  @Override
  public List<OwnParameter> parameters() {
    return List.of(
        new OwnParameter(SPECTRUM, zeros ? Start.ZEROS : Start.normal(1), locations.count()));
  }

  @Override
  public AdapterLayer layer(OwnParameters parameters) {
    return new FourierFtLayer(this, scaling, parameters.get(SPECTRUM));
  }
}
