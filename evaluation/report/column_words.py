"""Heads of columns, in English and Spanish; holes are the study's names and the plan's level."""

from collections.abc import Mapping

from evaluation.spec.load import Text

COLUMNS: Mapping[str, Text] = {
    "outcome": Text(en="Outcome", es="Resultado"),
    "specification": Text(en="Specification", es="Especificación"),
    "check": Text(en="Check", es="Verificación"),
    "unit": Text(en="Unit", es="Unidad"),
    "baseline_mean": Text(
        en="Comparison group at baseline: mean", es="Grupo de comparación en línea de base: media"
    ),
    "baseline_sd": Text(en="(SD)", es="(DE)"),
    "estimate": Text(en="Effect", es="Efecto"),
    "ci_low": Text(en="{level} interval", es="Intervalo del {level}"),
    "ci_high": Text(en="{level} interval, upper", es="Intervalo del {level}, superior"),
    "p_value": Text(en="p", es="p"),
    "p_adjusted": Text(en="Adjusted p", es="p ajustado"),
    "adjustment": Text(en="Adjustment", es="Ajuste"),
    "estimate_sd": Text(en="Effect in SD", es="Efecto en DE"),
    "ci_low_sd": Text(en="Lower bound in SD", es="Límite inferior en DE"),
    "ci_high_sd": Text(en="Upper bound in SD", es="Límite superior en DE"),
    "smallest_effect_sd": Text(
        en="Smallest effect that matters, in SD", es="Efecto mínimo de interés, en DE"
    ),
    "cv3_std_error": Text(en="CV3 SE", es="EE CV3"),
    "cv3_ci_low": Text(en="CV3 {level} interval", es="Intervalo CV3 del {level}"),
    "cv3_ci_high": Text(en="CV3 {level} interval, upper", es="Intervalo CV3 del {level}, superior"),
    "simultaneous_ci_low": Text(
        en="Simultaneous {level} interval", es="Intervalo simultáneo del {level}"
    ),
    "simultaneous_ci_high": Text(
        en="Simultaneous {level} interval, upper", es="Intervalo simultáneo del {level}, superior"
    ),
    "p_check": Text(
        en="Adjusted p by Holm, as a check", es="p ajustado por Holm, como verificación"
    ),
    "q_sharpened": Text(en="Sharpened q", es="q afinado"),
    "p_across": Text(en="Adjusted p across all families", es="p ajustado sobre todas las familias"),
    "q_across": Text(en="Sharpened q across all families", es="q afinado sobre todas las familias"),
    "mde": Text(en="Realised MDE", es="EMD realizado"),
    "design_mde": Text(en="Design MDE", es="EMD de diseño"),
    "icc": Text(en="ICC", es="CCI"),
    "type_s": Text(en="Type S error", es="Error tipo S"),
    "type_m": Text(en="Type M error", es="Error tipo M"),
    "n_arm_round": Text(en="Interviews: {arm}, {round}", es="Entrevistas: {arm}, {round}"),
    "mean_round": Text(en="{round}: mean", es="{round}: media"),
    "std_error_round": Text(en="(SE)", es="(EE)"),
    "n_round": Text(en="{round}: interviews", es="{round}: entrevistas"),
    "clusters_round": Text(en="{round}: {clusters}", es="{round}: {clusters}"),
    "n": Text(en="Interviews", es="Entrevistas"),
    "n_clusters_treated": Text(en="Treatment {clusters}", es="{clusters} de intervención"),
    "n_clusters_comparison": Text(en="Comparison {clusters}", es="{clusters} de comparación"),
    "smallest_effect": Text(en="Smallest effect that matters", es="Efecto mínimo de interés"),
    "assumed_effect": Text(en="Assumed effect in planning", es="Efecto supuesto en la planeación"),
    "verdict": Text(en="Verdict", es="Veredicto"),
    "evidence": Text(en="Level of evidence", es="Nivel de evidencia"),
    "status": Text(en="Plan status", es="Estado en el plan"),
    "reading": Text(en="In words", es="En palabras"),
    "short_reading": Text(en="Reading", es="Lectura"),
    "step": Text(en="Method", es="Método"),
    "method": Text(en="Inference method in words", es="Método de inferencia en palabras"),
    "std_error": Text(en="Standard error", es="Error estándar"),
    "df": Text(en="df", es="gl"),
    "statistic": Text(en="Statistic", es="Estadístico"),
    "mc_error": Text(en="Monte Carlo error of p", es="Error de Monte Carlo de p"),
    "ci_low_mc_error": Text(
        en="Monte Carlo error of lower bound", es="Error de Monte Carlo del límite inferior"
    ),
    "ci_high_mc_error": Text(
        en="Monte Carlo error of upper bound", es="Error de Monte Carlo del límite superior"
    ),
    "p_kind": Text(en="How p was computed", es="Cómo se calculó p"),
    "arm": Text(en="Group", es="Grupo"),
    "variable": Text(en="Variable", es="Variable"),
    "sample": Text(en="Sample", es="Muestra"),
    "round": Text(en="Round", es="Ronda"),
    "mean": Text(en="Mean", es="Media"),
    "mean_treated": Text(en="Treatment group: mean", es="Grupo de intervención: media"),
    "mean_comparison": Text(en="Comparison group: mean", es="Grupo de comparación: media"),
    "sd_comparison": Text(en="(SD)", es="(DE)"),
    "difference": Text(en="Difference", es="Diferencia"),
    "normalised_difference": Text(en="Normalised difference", es="Diferencia normalizada"),
    "n_clusters": Text(en="{clusters}", es="{clusters}"),
    "reason": Text(en="Reason", es="Motivo"),
    "rule": Text(en="Rule", es="Regla"),
    "severity": Text(en="Severity", es="Gravedad"),
    "n_findings": Text(en="Findings", es="Hallazgos"),
    "n_corrections": Text(en="Cells or rows", es="Celdas o filas"),
    "column": Text(en="Variable in the file", es="Variable en el archivo"),
    "problem": Text(en="What was found", es="Qué se encontró"),
    "mend": Text(en="What was or can be done", es="Qué se hizo o puede hacerse"),
    "action": Text(en="Action", es="Acción"),
    "ours": Text(en="Ours: estimate", es="Nuestro: estimación"),
    "ours_std_error": Text(en="(CR2 standard error)", es="(error estándar CR2)"),
    "ours_df": Text(en="Ours: df", es="Nuestro: gl"),
    "published": Text(en="Published: estimate", es="Publicado: estimación"),
    "published_std_error": Text(en="(standard error)", es="(error estándar)"),
    "published_df": Text(en="Published: df", es="Publicado: gl"),
    "difference_std_error": Text(
        en="Difference of standard errors", es="Diferencia de errores estándar"
    ),
    "difference_df": Text(en="Difference of df", es="Diferencia de gl"),
    "max_difference": Text(en="Largest absolute difference", es="Mayor diferencia absoluta"),
    "test": Text(en="Test", es="Prueba"),
    "component": Text(en="Component or expected result", es="Componente o resultado esperado"),
    "family": Text(en="Family", es="Familia"),
    "question": Text(en="Question", es="Pregunta"),
    "type": Text(en="Type", es="Tipo"),
    "codes": Text(en="Values", es="Valores"),
    "rounds": Text(en="Asked in", es="Se preguntó en"),
    "missing": Text(en="Missing codes by kind", es="Códigos de faltante por tipo"),
    "origin": Text(en="Source of the question", es="Fuente de la pregunta"),
    "date": Text(en="Date", es="Fecha"),
    "entries": Text(en="Plan entries", es="Entradas del plan"),
    "entry_plan_hash": Text(en="Plan hash", es="Huella del plan"),
    "plan_hash_short": Text(en="Plan hash", es="Huella del plan"),
    "event": Text(en="What happened", es="Qué ocurrió"),
    "stage": Text(en="Stage", es="Etapa"),
    "command": Text(en="Command", es="Comando"),
    "needs": Text(en="Reads what was made by", es="Lee lo que hizo"),
    "makes": Text(en="Makes", es="Hace"),
    "start": Text(en="From", es="Desde"),
    "end": Text(en="To", es="Hasta"),
    "affects": Text(en="Affects", es="Afecta a"),
    "period": Text(en="Period", es="Periodo"),
    "series": Text(en="Series", es="Serie"),
    "label": Text(en="Label", es="Etiqueta"),
    "phrase": Text(en="May I say …?", es="¿Puedo decir…?"),
    "answer": Text(en="Answer", es="Respuesta"),
    "why": Text(en="Why", es="Por qué"),
    "indicator": Text(en="Indicator", es="Indicador"),
    "target": Text(en="Target", es="Meta"),
    "not_impact": Text(en="How to read it", es="Cómo leerlo"),
    "strength": Text(en="Evidence", es="Evidencia"),
    "item": Text(en="What", es="Concepto"),
    "cost": Text(en="Cost", es="Costo"),
    "cost_low": Text(en="{level} interval", es="Intervalo del {level}"),
    "cost_high": Text(en="{level} interval, upper", es="Intervalo del {level}, superior"),
    "cost_remark": Text(en="Remark", es="Observación"),
    "area_left_out": Text(en="Left out", es="Se excluye"),
    "loo_q1": Text(
        en="Lower quartile of estimates without one place",
        es="Cuartil inferior de las estimaciones sin un lugar",
    ),
    "loo_median": Text(en="Median of them", es="Mediana de ellas"),
    "loo_q3": Text(en="Upper quartile of them", es="Cuartil superior de ellas"),
    "loo_sign_changes": Text(
        en="{clusters} without which the sign changes", es="{clusters} sin los que cambia el signo"
    ),
    "clusters_planned_treated": Text(
        en="Treatment {clusters} in the design", es="{clusters} de intervención en el diseño"
    ),
    "clusters_planned_comparison": Text(
        en="Comparison {clusters} in the design", es="{clusters} de comparación en el diseño"
    ),
    "respondents_planned": Text(
        en="Respondents per place and round", es="Personas por lugar y ronda"
    ),
    "panel_share": Text(en="Share interviewed again", es="Proporción entrevistada de nuevo"),
    "planned_mde": Text(en="MDE of the design", es="EMD del diseño"),
    "mde_sd": Text(en="Realised MDE in SD", es="EMD realizado, en DE"),
    "department": Text(en="Department", es="Departamento"),
    "x_km": Text(en="East, km", es="Este, km"),
    "y_km": Text(en="North, km", es="Norte, km"),
}
